import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, it } from 'node:test';
import { CancelledError } from '../../../src/common/errors.ts';
import { Cancellation, silentContext } from '../../../src/common/job.ts';
import { readDatasetFile } from '../../../src/dataset/dataset-file.ts';
import { listRecords } from '../../../src/jobs/list-records.ts';
import { sampleDatasetJob } from '../../../src/jobs/sample-dataset.ts';
import { temporaryFolder } from '../../fixtures/workspace.ts';

const folder = temporaryFolder();
const context = silentContext();

function workspace(name: string): string {
  const made = path.join(folder, name);
  fs.mkdirSync(made);
  return made;
}

/** Path → content of every file below. */
function contents(at: string): Map<string, string> {
  const names = fs.readdirSync(at, { recursive: true, withFileTypes: true }).filter((e) => e.isFile());
  return new Map(
    names.map((e) => {
      const file = path.join(e.parentPath, e.name);
      return [path.relative(at, file), fs.readFileSync(file, 'latin1')];
    }),
  );
}

describe('a sample dataset', () => {
  it('is written beside its file and says that it is synthetic', async () => {
    const at = workspace('first');
    const { file, summary } = await sampleDatasetJob({ folder: at, records: 12, seed: 1 }, context);
    assert.equal(file, path.join(at, 'sample.ecgdata.yaml'));
    assert.deepEqual(fs.readdirSync(at).sort(), ['sample-recordings', 'sample.ecgdata.yaml']);
    assert.ok(summary.synthetic);
    const listed = await listRecords(file);
    assert.deepEqual([listed.records.length, listed.synthetic, listed.moved], [12, true, false]);
    assert.deepEqual([...listed.classes].sort(), ['A', 'N', 'O', '~']);
    assert.ok(listed.indexed, 'its splits are known at once');
  });

  it('is never written over another, nor over a folder or file of its name', async () => {
    const at = workspace('second');
    const inputs = { folder: at, records: 12, seed: 1 };
    await sampleDatasetJob(inputs, context);
    fs.mkdirSync(path.join(at, 'sample-2-recordings'));
    fs.writeFileSync(path.join(at, 'sample-3.ecgdata.yaml'), 'mine');
    const before = contents(at);
    const { file } = await sampleDatasetJob({ ...inputs, seed: 2 }, context);
    assert.equal(path.basename(file), 'sample-4.ecgdata.yaml');
    const now = contents(at);
    for (const [name, content] of before) assert.ok(now.get(name) === content, name);
  });

  it('can be moved with its folder: the path in the dataset file is relative', async () => {
    const at = workspace('third');
    const { file } = await sampleDatasetJob({ folder: at, records: 12, seed: 1 }, context);
    assert.ok(!fs.readFileSync(file, 'utf8').includes(folder));
    const moved = path.join(folder, 'third, moved');
    fs.renameSync(at, moved);
    const there = path.join(moved, path.basename(file));
    assert.equal(readDatasetFile(there).sources[0].location, path.join(moved, 'sample-recordings'));
    assert.equal((await listRecords(there)).records.length, 12);
  });

  it('that was cancelled leaves nothing', async () => {
    const at = workspace('fourth');
    const cancellation = new Cancellation();
    cancellation.cancel();
    const job = sampleDatasetJob({ folder: at, records: 12, seed: 1 }, silentContext(cancellation));
    await assert.rejects(job, CancelledError);
    assert.deepEqual(fs.readdirSync(at), []);
  });

  it('needs a folder that is there', async () => {
    const at = path.join(folder, 'nowhere');
    await assert.rejects(sampleDatasetJob({ folder: at, records: 12, seed: 1 }, context), /no such folder/);
    assert.ok(!fs.existsSync(at));
  });
});
