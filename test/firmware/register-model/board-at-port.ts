import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import * as net from 'node:net';
import * as os from 'node:os';
import * as path from 'node:path';
import { prepareFirmware } from '../../../src/jobs/firmware.ts';
import type { IntegerNetwork } from '../../../src/quantization/integer-network.ts';
import { compileBoard, ModelledBoard } from './board.ts';
import { BoardPort } from './board-port.ts';

/** A serial port of the operating system, with a board on the model of its peripherals behind it. Needs socat. */
export class BoardAtPort {
  readonly port: string;
  readonly #board: ModelledBoard;
  readonly #network: IntegerNetwork;
  readonly #server: net.Server;
  readonly #line: ChildProcess;

  private constructor(
    port: string,
    board: ModelledBoard,
    network: IntegerNetwork,
    server: net.Server,
    line: ChildProcess,
  ) {
    this.port = port;
    this.#board = board;
    this.#network = network;
    this.#server = server;
    this.#line = line;
  }

  /** With the application of a run, compiled in `folder`. */
  static async start(run: string, folder: string): Promise<BoardAtPort> {
    const { integer, frontEnd } = prepareFirmware({ run });
    const board = await ModelledBoard.create(compileBoard(integer, frontEnd, folder));
    board.start();
    const serial = new BoardPort(board);
    const server = net.createServer((socket) => {
      socket.pipe(serial, { end: false });
      serial.pipe(socket, { end: false });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port: tcpPort } = server.address() as net.AddressInfo;
    // Not in that folder: socat has a grammar of its own for spaces and quotes.
    const port = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'ecg-port-')), 'board');
    const line = spawn('socat', [`PTY,rawer,link=${port}`, `TCP:127.0.0.1:${tcpPort}`]);
    while (!fs.existsSync(port)) {
      assert.equal(line.exitCode, null, 'socat has ended');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return new BoardAtPort(port, board, integer, server, line);
  }

  /** Change a weight of the last layer, as a worn flash would. */
  damage(): void {
    const weights = this.#network.blocks.at(-1)?.weights;
    assert.ok(weights);
    const at = this.#board.memory.indexOf(
      new Uint8Array(weights.buffer, weights.byteOffset, weights.byteLength),
    );
    assert.ok(at > 0, 'the weights are in the memory');
    this.#board.memory[at] ^= 0x40;
  }

  stop(): void {
    this.#line.kill();
    this.#server.close();
    fs.rmSync(path.dirname(this.port), { recursive: true, force: true });
  }
}
