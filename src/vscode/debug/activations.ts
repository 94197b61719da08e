import * as fs from 'node:fs/promises';
import * as vscode from 'vscode';
import { blockLayout, networkLayout, readBlock, readNetwork } from '../../quantization/descriptor.ts';
import type { IntegerTensor } from '../../quantization/integer-network.ts';
import type { ShownTensor } from '../../protocol/webview.ts';
import { evaluate, readMemory, stackOf, type StackFrame, type Target } from './target.ts';

/** Where in its work the firmware stands with a block. */
export type BlockProgress = 'next' | 'running' | 'done' | 'between';

/** The block that runs, has just run, or is the next to run, and the values around it. */
export interface Activations {
  block: number;
  blockCount: number;
  progress: BlockProgress;
  tensors: ShownTensor[];
}

const loop = 'ecg_network_run_window';

/**
 * Read the block at which the firmware is stopped, and its inputs and output, from the device's memory. The loop over the
 * blocks knows which one it is in whatever the kernel above it is doing. undefined: the firmware is not in the network.
 *
 * @param names of the blocks, in the order in which they run
 */
export async function readActivations(
  target: Target,
  threadId: number,
  names: readonly string[],
): Promise<Activations | undefined> {
  const stack = await stackOf(target, threadId);
  const depth = stack.findIndex(({ name }) => functionName(name) === loop);
  if (depth < 0) return undefined;
  const frame = stack[depth];
  const [block, memory, descriptor] = [
    await evaluate(target, frame.id, 'i'),
    await evaluate(target, frame.id, 'memory'),
    await evaluate(target, frame.id, 'network'),
  ];
  if (block === undefined || memory === undefined || descriptor === undefined) return undefined;
  const network = readNetwork(await readMemory(target, descriptor, networkLayout.size), 0);
  const { blockCount, memoryBytes } = network;
  if (block < 0 || block >= blockCount) return undefined;
  const table = await readMemory(target, network.blocks, blockCount * blockLayout.size);
  const blocks = Array.from({ length: blockCount }, (_, i) => readBlock(table, i * blockLayout.size));
  const bytes = await readMemory(target, memory, memoryBytes);
  const { inputs, output } = blocks[block];
  const progress = depth > 0 ? runningOrTraced(stack[depth - 1]) : await progressAt(frame);
  /** Who wrote a place last before this block. */
  const writer = ({ offset }: IntegerTensor): string => {
    const before = blocks.slice(0, block).findLastIndex((other) => other.output.offset === offset);
    return before < 0 ? 'window' : names[before];
  };
  return {
    block,
    blockCount,
    progress,
    tensors: [
      { role: 'output', name: names[block], whole: progress === 'done', ...shown(bytes, output) },
      ...inputs.map((input): ShownTensor => ({
        role: 'input',
        name: writer(input),
        whole: true,
        ...shown(bytes, input),
      })),
    ],
  };
}

/** gdb may append the arguments. */
function functionName(frame: string): string {
  return frame.split('(')[0];
}

/** What the loop has called: a kernel, or after it the callback for probes. */
function runningOrTraced({ name }: StackFrame): BlockProgress {
  return /trace/.test(functionName(name)) ? 'done' : 'running';
}

/** Where the loop itself stands: before the call of the kernel, just back from it, or at another line. */
async function progressAt(frame: StackFrame): Promise<BlockProgress> {
  const line = await sourceLine(frame);
  if (line.includes('->run(')) return 'next';
  return /\btrace\b/.test(line) ? 'done' : 'between';
}

async function sourceLine({ source, line }: StackFrame): Promise<string> {
  if (!source?.path || line === undefined) return '';
  // On a remote machine VS Code makes a uri of the adapter's path.
  const file = source.path.startsWith('/') ? source.path : vscode.Uri.parse(source.path).fsPath;
  const text = await fs.readFile(file, 'utf8').catch(() => '');
  return text.split('\n')[line - 1] ?? '';
}

type Shown = Pick<ShownTensor, 'channels' | 'length' | 'bits' | 'fraction' | 'values'>;

function shown(memory: DataView, { offset, channels, length, bits, fraction }: IntegerTensor): Shown {
  const values = Int16Array.from({ length: channels * length }, (_, i) =>
    bits === 8 ? memory.getInt8(offset + i) : memory.getInt16(offset + 2 * i, true),
  );
  return { channels, length, bits, fraction, values };
}
