import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { commandIds, debugType } from '../../../src/vscode/ids.ts';
import { findRun, run, studioApi } from '../studio.ts';

interface StackFrame {
  id: number;
  name: string;
  line: number;
  source?: { path?: string };
}

/** On a remote machine VS Code makes a uri of the adapter's path. */
function sourceUri({ source }: StackFrame): vscode.Uri {
  const path = source?.path ?? '';
  return path.startsWith('/') ? vscode.Uri.file(path) : vscode.Uri.file(vscode.Uri.parse(path).path);
}

/** Resolves with the session and its first stop. */
function firstStop(): Promise<{ session: vscode.DebugSession; threadId: number; reason: string }> {
  return new Promise((resolve) => {
    const tracking = vscode.debug.registerDebugAdapterTrackerFactory(debugType, {
      createDebugAdapterTracker: (session) => ({
        onDidSendMessage(message: {
          type: string;
          event?: string;
          body?: { threadId: number; reason: string };
        }) {
          if (message.type !== 'event' || message.event !== 'stopped' || !message.body) return;
          tracking.dispose();
          resolve({ session, ...message.body });
        },
      }),
    });
  });
}

async function variablesOf(session: vscode.DebugSession, frame: number, scope: string): Promise<string[]> {
  const { scopes } = (await session.customRequest('scopes', { frameId: frame })) as {
    scopes: { name: string; variablesReference: number }[];
  };
  const found = scopes.find((s) => new RegExp(scope, 'i').test(s.name));
  assert.ok(found, `there is a scope ${scope}: ${scopes.map((s) => s.name).join(', ')}`);
  const { variables } = (await session.customRequest('variables', {
    variablesReference: found.variablesReference,
  })) as { variables: { name: string }[] };
  return variables.map((v) => v.name);
}

async function stopIn(
  layer: string | undefined,
): Promise<{ session: vscode.DebugSession; frames: StackFrame[] }> {
  const folder = await findRun(await studioApi(), 'tiny');
  const stopped = firstStop();
  assert.equal(await run<boolean>(commandIds.debug, folder, layer), true);
  const { session, threadId } = await stopped;
  const { stackFrames } = (await session.customRequest('stackTrace', { threadId })) as {
    stackFrames: StackFrame[];
  };
  return { session, frames: stackFrames };
}

async function end(session: vscode.DebugSession): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    const listening = vscode.debug.onDidTerminateDebugSession((s) => {
      if (s.id !== session.id) return;
      listening.dispose();
      resolve();
    });
  });
  await vscode.debug.stopDebugging(session);
  await ended;
}

describe('debugging in the emulator', () => {
  it('stops in the first layer of the network, with locals, registers and its source', async function () {
    this.timeout(120_000);
    const { session, frames } = await stopIn(undefined);
    assert.equal(frames[0].name.split('(')[0], 'ecg_conv1d');
    const source = sourceUri(frames[0]);
    assert.match(source.path, /firmware\/runtime\/ecg_conv1d\.c$/);
    await vscode.workspace.fs.stat(source);
    const locals = await variablesOf(session, frames[0].id, 'local');
    assert.ok(locals.includes('block') && locals.includes('memory'), locals.join(', '));
    const registers = await variablesOf(session, frames[0].id, 'register');
    assert.ok(registers.includes('r0') && registers.includes('pc'), registers.join(', '));
    const { result } = (await session.customRequest('evaluate', {
      expression: 'block->output.channels',
      frameId: frames[0].id,
      context: 'watch',
    })) as { result: string };
    assert.match(result, /8/);
    await end(session);
  });

  it('stops in the layer that is named', async function () {
    this.timeout(120_000);
    const { session, frames } = await stopIn('gru-1');
    assert.equal(frames[0].name.split('(')[0], 'ecg_gru');
    await end(session);
  });

  it('two sessions do not fight over a port', async function () {
    this.timeout(120_000);
    const first = await stopIn('gru-1');
    const second = await stopIn(undefined);
    assert.notEqual(first.session.id, second.session.id);
    await end(second.session);
    await end(first.session);
  });

  it('says which layers there are where the named one is not', async () => {
    const { studio } = await studioApi();
    const folder = await findRun(await studioApi(), 'tiny');
    await run(commandIds.debug, folder, 'no-such-layer').catch(() => false);
    assert.ok(studio.log.recent().some((line) => /no layer `no-such-layer`.*gru-1/s.test(line)));
  });
});
