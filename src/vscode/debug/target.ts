import type * as vscode from 'vscode';

/** What is asked of a session; a test's stand-in has no more. */
export type Target = Pick<vscode.DebugSession, 'customRequest' | 'configuration'>;

/** What a session's configuration says of it, beside what the adapter reads: written by the provider. */
export interface SessionFacts {
  runsOn: 'emulator' | 'board';
  /** The layers of each block of the network, in the order in which the blocks run. */
  blocks: readonly string[];
}

export function factsOf({ configuration }: Pick<Target, 'configuration'>): SessionFacts {
  const { runsOn = 'emulator', blocks = [] } = configuration as Partial<SessionFacts>;
  return { runsOn, blocks };
}

export interface StackFrame {
  id: number;
  name: string;
  line?: number;
  source?: { path?: string };
}

/** Bytes of the device's memory. Throws where the debugger cannot read them. */
export async function readMemory(target: Target, address: number, count: number): Promise<DataView> {
  const { data } = (await target.customRequest('readMemory', {
    memoryReference: `0x${address.toString(16)}`,
    offset: 0,
    count,
  })) as { data?: string };
  const bytes = Uint8Array.from(Buffer.from(data ?? '', 'base64'));
  if (bytes.length < count) {
    throw new Error(`of ${count} bytes at 0x${address.toString(16)} ${bytes.length} could be read`);
  }
  return new DataView(bytes.buffer);
}

/** The stack, the innermost frame first. */
export async function stackOf(target: Target, threadId: number): Promise<StackFrame[]> {
  const { stackFrames } = (await target.customRequest('stackTrace', { threadId })) as {
    stackFrames?: StackFrame[];
  };
  return stackFrames ?? [];
}

/** An integer or address that an expression gives in a frame; undefined where the compiler kept no value there. */
export async function evaluate(
  target: Target,
  frameId: number,
  expression: string,
): Promise<number | undefined> {
  const { result } = (await target.customRequest('evaluate', { expression, frameId, context: 'watch' })) as {
    result?: string;
  };
  // `0x2000…`, `0x2000… <symbol+4>`, `12`; what is optimised out is in angle brackets.
  const number = /^(0x[\da-f]+|-?\d+)/i.exec(result ?? '')?.[1];
  return number === undefined ? undefined : Number(number);
}
