import assert from 'node:assert/strict';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import * as path from 'node:path';
import { describe, it, mock } from 'node:test';
import { UserError } from '../../../src/common/errors.ts';
import { writeFileAtomic } from '../../../src/common/files.ts';
import { decodeSafetensors, encodeSafetensors, type Tensor } from '../../../src/common/safetensors.ts';
import { temporaryFolder } from '../../fixtures/workspace.ts';

const folder = temporaryFolder();

/** Let one function of node:fs fail as the operating system would. */
async function failing(name: 'fsyncSync' | 'writeFileSync', code: string, body: () => void): Promise<void> {
  const error = Object.assign(new Error(`${code}: simulated`), { code });
  const mocked = mock.method(fs, name, () => {
    throw error;
  });
  syncBuiltinESMExports();
  try {
    body();
  } finally {
    mocked.mock.restore();
    syncBuiltinESMExports();
  }
  await Promise.resolve();
}

describe('a file that is written atomically', () => {
  const file = path.join(folder, 'new', 'result.json');

  it('has its content, and no temporary file stays', () => {
    writeFileAtomic(file, 'one');
    writeFileAtomic(file, 'two');
    assert.equal(fs.readFileSync(file, 'utf8'), 'two');
    assert.deepEqual(fs.readdirSync(path.dirname(file)), ['result.json']);
  });

  for (const call of ['writeFileSync', 'fsyncSync'] as const) {
    it(`keeps its old content when the disk is full at ${call}, and the error says so`, async () => {
      await failing(call, 'ENOSPC', () => {
        assert.throws(
          () => writeFileAtomic(file, 'three'),
          (e) => e instanceof UserError && /the disk is full/.test(e.message) && e.place.file === file,
        );
      });
      assert.equal(fs.readFileSync(file, 'utf8'), 'two');
      assert.deepEqual(fs.readdirSync(path.dirname(file)), ['result.json']);
    });
  }

  it('in a place that is no folder names the place', () => {
    assert.throws(() => writeFileAtomic(path.join(file, 'below'), 'x'), UserError);
  });
});

describe('a safetensors file', () => {
  const tensors = new Map<string, Tensor>([
    ['a', { dtype: 'I8', shape: [3], data: Int8Array.of(1, -2, 3) }],
    ['b/kernel', { dtype: 'F32', shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }],
  ]);
  const bytes = encodeSafetensors(tensors, { scale: '0.25' });

  it('is read back identical, also where a tensor does not start at a multiple of its size', () => {
    const { tensors: read, metadata } = decodeSafetensors(bytes, 'w');
    assert.deepEqual(read, tensors);
    assert.deepEqual(metadata, { scale: '0.25' });
  });

  it('cut off at any length is refused', () => {
    for (let n = 0; n < bytes.length; n++)
      assert.throws(() => decodeSafetensors(bytes.subarray(0, n), 'w'), UserError);
  });

  it('whose header lies about sizes is refused', () => {
    const lying = Buffer.from(bytes);
    lying.writeBigUInt64LE(2n ** 60n, 0);
    assert.throws(() => decodeSafetensors(lying, 'w'), /ends behind the file/);
  });
});
