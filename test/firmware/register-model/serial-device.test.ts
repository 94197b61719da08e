import assert from 'node:assert/strict';
import * as path from 'node:path';
import { before, describe, it } from 'node:test';
import { CancelledError } from '../../../src/common/errors.ts';
import { Cancellation, silentContext } from '../../../src/common/job.ts';
import { SerialDevice } from '../../../src/firmware/serial-device.ts';
import { verifyFrontEnd } from '../../../src/firmware/verify-front-end.ts';
import { verifyDevice } from '../../../src/firmware/verify.ts';
import { quantizeNetwork } from '../../../src/quantization/quantize.ts';
import { temporaryFolder } from '../../fixtures/workspace.ts';
import { randomWeights, randomWindows } from '../../unit/quantization/networks.ts';
import { small, smallFrontEnd as frontEnd, smallInteger } from '../projects.ts';
import { compileBoard, ModelledBoard } from './board.ts';
import { cyclesALook } from './nrf-model.ts';
import { BoardPort } from './board-port.ts';

const folder = temporaryFolder();
const shape = {
  blocks: smallInteger.blocks.length,
  logits: smallInteger.classes.length,
  states: smallInteger.stateBytes / 2,
};
const timeouts = { hello: 50, silence: 50 };
const records = [randomWindows(small, 6, 1), randomWindows(small, 5, 2)];
const samples = Int16Array.from({ length: 1001 }, (_, n) => 300 * Math.sin(n / 7) + ((n * 7919) % 41));

let file = '';
before(() => {
  file = compileBoard(smallInteger, frontEnd, path.join(folder, 'project'));
});

async function boardPort(): Promise<BoardPort> {
  const board = await ModelledBoard.create(file);
  board.chip.input = (n) => n % 100;
  board.start();
  board.poll();
  return new BoardPort(board);
}

function open(port: BoardPort, context = silentContext()): Promise<SerialDevice> {
  return SerialDevice.over(port, 'the board', shape, context, timeouts);
}

describe('a board behind a serial line', () => {
  it('gives the output of every layer and every sample of the front end as the host does', async () => {
    const device = await open(await boardPort());
    assert.equal(device.hash, smallInteger.hash);
    assert.equal(device.ticksPerSecond, 64_000_000);
    const filtered = await verifyFrontEnd(device, frontEnd, [samples, samples.subarray(3)], silentContext());
    assert.equal(filtered.mismatches, 0);
    assert.equal(filtered.samplesCompared, 251 + 250);
    const result = await verifyDevice(smallInteger, device, records, silentContext());
    assert.equal(result.mismatches, 0);
    assert.equal(result.windows, 11);
    assert.deepEqual(result.costPerWindow, { unit: 'cycles', mean: cyclesALook, max: cyclesALook });
    assert.ok(result.layers.every(({ cost }) => cost === cyclesALook));
    const outputs = smallInteger.blocks.reduce((sum, { output }) => sum + output.channels * output.length, 0);
    assert.equal(result.valuesCompared, 11 * outputs);
    await device.close();
  });

  it('listens to its ADC again when the host has done', async () => {
    const board = await ModelledBoard.create(file);
    board.start();
    const device = await open(new BoardPort(board));
    await device.close();
    const before = board.chip.sent.length;
    board.chip.tick(64);
    board.poll();
    assert.ok(board.chip.sent.length > before + 128, 'it sends samples');
  });

  it('on a bad line is asked again from the start of the record, and what it gives is right', async () => {
    const port = await boardPort();
    const device = await open(port);
    let pieces = 0;
    port.toHost = (bytes) => {
      // One bit of the fourth window's answer; the next one's request is cut.
      if (++pieces === 5) bytes[bytes.length >> 1] ^= 4;
      return bytes;
    };
    let requests = 0;
    port.toBoard = (bytes) => (++requests === 15 ? bytes.subarray(0, 20) : bytes);
    const log: string[] = [];
    const context = { ...silentContext(), log: (text: string) => void log.push(text) };
    const result = await verifyDevice(smallInteger, device, records, context);
    assert.equal(result.mismatches, 0);
    assert.equal(result.windows, 11);
    assert.equal(log.length, 2, log.join('; '));
  });

  it('on a line that always damages gives up and says what to do', async () => {
    const port = await boardPort();
    const device = await open(port);
    port.toHost = (bytes) => {
      if (bytes.length > 150) bytes[100] ^= 1;
      return bytes;
    };
    await assert.rejects(
      verifyDevice(smallInteger, device, records, silentContext()),
      /the line to the board is not good: .*lost/,
    );
  });

  it('that says nothing, or is unplugged, is said so', async () => {
    const silent = await boardPort();
    silent.toHost = () => Buffer.alloc(0);
    await assert.rejects(open(silent), /the board does not answer/);
    assert.ok(silent.destroyed);
    const port = await boardPort();
    const device = await open(port);
    let pieces = 0;
    port.toHost = (bytes) => {
      if (++pieces === 4) port.destroy();
      return bytes;
    };
    await assert.rejects(verifyDevice(smallInteger, device, records, silentContext()), /was unplugged/);
  });

  it('that runs another network is refused', async () => {
    const device = await open(await boardPort());
    const other = quantizeNetwork(small, randomWeights(small, 9));
    await assert.rejects(
      verifyDevice(other, device, records, silentContext()),
      /the board holds another network/,
    );
    await device.close();
    const port = await boardPort();
    await assert.rejects(
      SerialDevice.over(port, 'the board', { ...shape, blocks: 40 }, silentContext(), timeouts),
      /does not run this network's firmware: its network has \d+ layers/,
    );
  });

  it('is left alone where the job is cancelled', async () => {
    const cancellation = new Cancellation();
    const port = await boardPort();
    const device = await open(port, silentContext(cancellation));
    let windows = 0;
    port.toHost = (bytes) => {
      if (++windows === 3) cancellation.cancel();
      return bytes;
    };
    await assert.rejects(
      verifyDevice(smallInteger, device, records, silentContext(cancellation)),
      CancelledError,
    );
  });
});
