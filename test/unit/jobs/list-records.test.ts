import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, it } from 'node:test';
import { syntheticMarker } from '../../../src/dataset/synthetic-marker.ts';
import { listRecords } from '../../../src/jobs/list-records.ts';
import { writeDatasetFile } from '../../fixtures/trained-run.ts';
import { challengeFiles, temporaryFolder, writeFiles } from '../../fixtures/workspace.ts';
import { makeZip } from '../../fixtures/zip.ts';
import { cinc2017, needsData } from '../../require.ts';

const folder = temporaryFolder();
const files = challengeFiles({ R1: 'x', R2: 'y', R3: 'x', R4: 'z' });
const small = path.join(folder, 'small');
writeFiles(small, files);

describe('listing records', () => {
  it('groups them by class after the label map, in its order; what it lacks is shown as it is', async () => {
    const data = writeDatasetFile(folder, 'mapped', small, 'labels: { map: { y: A, w: O, x: N } }\n');
    const listed = await listRecords(data);
    assert.deepEqual(listed, {
      name: 'mapped',
      location: small,
      moved: false,
      synthetic: false,
      classes: ['A', 'O', 'N', 'z'],
      records: [
        { id: 'R1', label: 'N' },
        { id: 'R2', label: 'A' },
        { id: 'R3', label: 'N' },
        { id: 'R4', label: 'z' },
      ],
      excluded: [],
      indexed: false,
    });
  });

  it('labels that are mapped to one class are listed as one, in the order of the labels file', async () => {
    const data = writeDatasetFile(folder, 'joined', small, 'labels: { map: { x: N, z: N, y: A } }\n');
    const { classes, records } = await listRecords(data);
    assert.deepEqual(classes, ['N', 'A']);
    assert.deepEqual(
      records.map(({ label }) => label),
      ['N', 'A', 'N', 'N'],
    );
  });

  it('reads a zip as it reads the folder', async () => {
    const zip = path.join(folder, 'small.zip');
    fs.writeFileSync(zip, makeZip(files));
    const [ofZip, ofFolder] = await Promise.all([listRecords(zip), listRecords(small)]);
    assert.deepEqual(ofZip.records, ofFolder.records);
    assert.deepEqual(ofFolder.classes, ['x', 'y', 'z']);
  });

  it('says that recordings are synthetic where their marker stands beside them', async () => {
    const marked = path.join(folder, 'marked');
    writeFiles(marked, { ...files, [`set/${syntheticMarker}`]: '' });
    assert.equal((await listRecords(marked)).synthetic, true);
  });

  it('says that the recordings are not where they were, and lists them once they are back', async () => {
    const away = path.join(folder, 'away');
    const data = writeDatasetFile(folder, 'moved', away);
    const listed = await listRecords(data);
    assert.deepEqual([listed.moved, listed.records, listed.classes], [true, [], []]);
    assert.equal(listed.location, away);
    writeFiles(away, files);
    const back = await listRecords(data);
    assert.deepEqual([back.moved, back.records.length], [false, 4]);
  });

  it('lists the 7000 records of the challenge', needsData, async () => {
    const { records, classes } = await listRecords(cinc2017);
    assert.equal(records.length, 7000);
    const count = (label: string): number => records.filter((r) => r.label === label).length;
    assert.deepEqual(Object.fromEntries(classes.map((label) => [label, count(label)])), {
      N: 4167,
      A: 622,
      O: 1982,
      '~': 229,
    });
  });
});
