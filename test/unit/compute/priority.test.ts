import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { JobPriority } from '../../../src/compute/priority.ts';

const { PRIORITY_NORMAL, PRIORITY_BELOW_NORMAL } = os.constants.priority;

describe('the priority of jobs', () => {
  it('is low from the first job to the end of the last', () => {
    const set: number[] = [];
    const priority = new JobPriority((value) => set.push(value));
    priority.jobStarted();
    priority.jobStarted();
    priority.jobEnded();
    assert.deepEqual(set, [PRIORITY_BELOW_NORMAL]);
    priority.jobEnded();
    assert.deepEqual(set, [PRIORITY_BELOW_NORMAL, PRIORITY_NORMAL]);
    priority.jobStarted();
    assert.equal(set.at(-1), PRIORITY_BELOW_NORMAL);
  });

  it(
    'is the job’s thread’s alone on Linux: queries keep theirs',
    { skip: process.platform !== 'linux' },
    async () => {
      const source = `
        const { parentPort } = require('node:worker_threads');
        const { lowerThreadPriority } = require(${JSON.stringify(
          fileURLToPath(new URL('../../../src/compute/priority.ts', import.meta.url)),
        )});
        lowerThreadPriority();
        // Of the thread that asks, field 19 of its stat file.
        const stat = require('node:fs').readFileSync('/proc/thread-self/stat', 'utf8');
        parentPort.postMessage(Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]));
      `;
      const before = nice();
      const worker = new Worker(source, { eval: true });
      const lowered = await new Promise((resolve, reject) => {
        worker.once('message', resolve);
        worker.once('error', reject);
      });
      assert.equal(lowered, Math.max(before, PRIORITY_BELOW_NORMAL));
      assert.equal(nice(), before);
    },
  );
});

function nice(): number {
  const stat = fs.readFileSync('/proc/self/stat', 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
}
