import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { BoardAtPort } from '../firmware/register-model/board-at-port.ts';
import { cyclesALook } from '../firmware/register-model/nrf-model.ts';
import { trainTiny } from '../fixtures/trained-run.ts';
import { temporaryFolder } from '../fixtures/workspace.ts';
import { needsSocat } from '../require.ts';
import { ecg } from './ecg.ts';

const folder = temporaryFolder();
const result = path.join(folder, 'result.json');

describe('a board at a serial port', needsSocat, () => {
  let run = '';
  let board: BoardAtPort;

  before(async () => {
    ({ run } = await trainTiny(folder));
    board = await BoardAtPort.start(run, path.join(folder, 'project'));
  });
  after(() => board.stop());

  it('is verified through it: front end, every layer, confusion matrix', async () => {
    const { code, stdout, stderr } = await ecg([
      ...['firmware', 'verify', run, '--port', board.port],
      ...['--records', '4', '--json', result],
    ]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /the board at .*board against the host: \d+ windows of 4 records/);
    assert.match(stdout, /measured on the device/);
    const { mismatches, valuesCompared, frontEnd, confusion, cyclesPerWindow } = JSON.parse(
      fs.readFileSync(result, 'utf8'),
    ) as {
      mismatches: number;
      valuesCompared: number;
      frontEnd: { mismatches: number; samplesCompared: number };
      confusion: number[][];
      cyclesPerWindow: { max: number };
    };
    assert.equal(mismatches + frontEnd.mismatches, 0);
    assert.ok(valuesCompared > 300 && frontEnd.samplesCompared > 1000);
    assert.equal(confusion.flat().reduce((sum, count) => sum + count, 0), 4); // prettier-ignore
    assert.equal(cyclesPerWindow.max, cyclesALook);
  });

  it('of another network is not called verified', async () => {
    const other = path.join(folder, 'other');
    fs.mkdirSync(other);
    const { run: another } = await trainTiny(other);
    // Other weights: the same network with one of them changed.
    const weights = path.join(another, 'weights.safetensors');
    const bytes = fs.readFileSync(weights);
    bytes.writeFloatLE(0.25, bytes.length - 4);
    fs.writeFileSync(weights, bytes);
    const { code, stderr } = await ecg([
      'firmware',
      'verify',
      another,
      '--port',
      board.port,
      '--records',
      '2',
    ]);
    assert.equal(code, 1);
    assert.match(stderr, /holds another network/);
  });

  it('that is not there is said so, with what to do', async () => {
    const { code, stderr } = await ecg(['firmware', 'verify', run, '--port', '/dev/ttyNOTHING']);
    assert.equal(code, 1);
    assert.match(stderr, /the serial port cannot be opened: there is no such port/);
    assert.match(stderr, /ecg firmware ports/);
  });

  it('that computes something else is told where and by how much, and fails', async () => {
    board.damage();
    const { code, stderr } = await ecg([
      ...['firmware', 'verify', run, '--port', board.port],
      ...['--records', '4'],
    ]);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /the board at .*board and the host differ in [\d,]+ values; first: record \S+, window \d+: dense-1, channel 0, position 0 \(logit of .+\) is -?\d+, on the host -?\d+/,
    );
    assert.match(stderr, /must not be used/);
  });
});
