import { Duplex } from 'node:stream';
import type { ModelledBoard } from './board.ts';

/** Fewer than the board's ring of received bytes holds: its main loop comes round between two such pieces. */
const bytesARound = 64;

/** The serial line of a board on the model of its peripherals. */
export class BoardPort extends Duplex {
  readonly #board: ModelledBoard;
  #taken = 0;
  /** What the line makes of bytes on their way to the host. */
  toHost: (bytes: Buffer) => Buffer = (bytes) => bytes;
  /** And on their way to the board. */
  toBoard: (bytes: Buffer) => Buffer = (bytes) => bytes;

  constructor(board: ModelledBoard) {
    super();
    this.#board = board;
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    const bytes = this.toBoard(chunk);
    for (let at = 0; at < bytes.length; at += bytesARound) {
      for (const byte of bytes.subarray(at, at + bytesARound)) this.#board.chip.receive(byte);
      this.#board.poll();
    }
    this.#deliver();
    done();
  }

  override _read(): void {
    this.#deliver();
  }

  #deliver(): void {
    const { sent } = this.#board.chip;
    if (sent.length === this.#taken) return;
    const bytes = this.toHost(Buffer.from(sent.slice(this.#taken)));
    this.#taken = sent.length;
    if (bytes.length > 0) this.push(bytes);
  }
}
