// The compute process: forked by the extension. Its main thread speaks JSON-RPC and nothing else.
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from 'vscode-jsonrpc/node';
import { ComputeServer } from './server.ts';

/** A batch of the largest network takes well under this; what has not stopped by then never will. */
const longestStopMs = 20_000;

const server = new ComputeServer(
  createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process)),
);

async function end(): Promise<void> {
  setTimeout(() => process.exit(1), longestStopMs).unref();
  await server.stop();
  process.exit(0);
}

// The parent has ended, or asks for it: trainings stop at a batch, with a checkpoint.
process.on('disconnect', () => void end());
process.on('SIGTERM', () => void end());
