import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import * as net from 'node:net';
import * as os from 'node:os';
import * as path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { prepareFirmware } from '../../src/jobs/firmware.ts';
import { compileBoard, ModelledBoard } from '../firmware/register-model/board.ts';
import { cyclesALook } from '../firmware/register-model/nrf-model.ts';
import { BoardPort } from '../firmware/register-model/board-port.ts';
import { trainTiny } from '../fixtures/trained-run.ts';
import { temporaryFolder } from '../fixtures/workspace.ts';
import { needsSocat } from '../require.ts';
import { ecg } from './ecg.ts';

const folder = temporaryFolder();
// Not in that folder: socat has a grammar of its own for spaces and quotes.
const ports = fs.mkdtempSync(path.join(os.tmpdir(), 'ecg-port-'));
const port = path.join(ports, 'board');
const result = path.join(folder, 'result.json');

/** A serial port of the operating system, with a board on the model of its peripherals behind it. */
describe('a board at a serial port', needsSocat, () => {
  let run = '';
  let server: net.Server;
  let line: ChildProcess;
  let board: ModelledBoard;

  before(async () => {
    ({ run } = await trainTiny(folder));
    const { integer, frontEnd } = prepareFirmware({ run });
    board = await ModelledBoard.create(compileBoard(integer, frontEnd, path.join(folder, 'project')));
    board.start();
    const serial = new BoardPort(board);
    server = net.createServer((socket) => {
      socket.pipe(serial, { end: false });
      serial.pipe(socket, { end: false });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port: tcpPort } = server.address() as net.AddressInfo;
    line = spawn('socat', [`PTY,rawer,link=${port}`, `TCP:127.0.0.1:${tcpPort}`]);
    while (!fs.existsSync(port)) {
      assert.equal(line.exitCode, null, 'socat has ended');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
  after(() => {
    line.kill();
    server.close();
    fs.rmSync(ports, { recursive: true, force: true });
  });

  it('is verified through it: front end, every layer, confusion matrix', async () => {
    const { code, stdout, stderr } = await ecg([
      ...['firmware', 'verify', run, '--port', port],
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
    const { code, stderr } = await ecg(['firmware', 'verify', another, '--port', port, '--records', '2']);
    assert.equal(code, 1);
    assert.match(stderr, /holds another network/);
  });

  it('that is not there is said so, with what to do', async () => {
    const { code, stderr } = await ecg(['firmware', 'verify', run, '--port', '/dev/ttyNOTHING']);
    assert.equal(code, 1);
    assert.match(stderr, /the serial port cannot be opened: there is no such port/);
    assert.match(stderr, /ecg firmware ports/);
  });
});
