import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { peripherals } from '../../../src/firmware/registers/table.ts';
import type { ActivationsSnapshot, ShownTensor } from '../../../src/protocol/webview.ts';
import { commandIds, debugType, debugViewIds } from '../../../src/vscode/ids.ts';
import { emulatorMessage } from '../../../src/vscode/views/registers-view.ts';
import { hostActivations } from '../host-activations.ts';
import { findRun, nextEvent, run, studioApi } from '../studio.ts';

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

/** Step as the user does, and wait for the stop. */
async function step(how: 'stepOut' | 'next'): Promise<void> {
  const { studio } = await studioApi();
  const stopped = nextEvent(studio.stops.onDidChange, (session) => studio.stops.of(session) !== undefined);
  await run(how === 'next' ? 'workbench.action.debug.stepOver' : 'workbench.action.debug.stepOut');
  await stopped;
}

function valuesOf({ values }: ShownTensor): number[] {
  return [...values];
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

  it('shows the activations of the layer it stops in, the same as the host computes, at each stop', async function () {
    this.timeout(120_000);
    const { studio } = await studioApi();
    const folder = await findRun(await studioApi(), 'tiny');
    const { session } = await stopIn('gru-1');
    const shown = await run<ActivationsSnapshot>(commandIds.showActivations);
    assert.deepEqual([shown.state, shown.error], ['stopped', '']);
    assert.equal(shown.place, 'Block 3 of 4: gru-1 is running: its output is not whole yet');
    const host = await hostActivations(folder);
    const [output, input] = shown.tensors;
    assert.deepEqual(
      [output.role, output.name, output.bits, output.fraction, output.channels, output.whole],
      ['output', 'gru-1', 16, 15, 16, false],
    );
    assert.deepEqual(valuesOf(input), host.outputs[1]);
    assert.ok(input.whole && new Set(input.values).size > 2, 'there is something to see');
    assert.match(input.name, /^conv1d-2, global-average-pool-1$/);
    assert.ok(studio.panels.activations.shown.includes(session.id));

    await step('stepOut');
    const stepped = await studio.panels.activations.show(session);
    assert.equal(stepped.place, 'Block 3 of 4: gru-1 has run');
    assert.deepEqual(valuesOf(stepped.tensors[0]), host.outputs[2]);
    assert.ok(stepped.tensors[0].whole);

    // Whoever works in the panel keeps it: sources that a step opens go elsewhere.
    await run('workbench.action.focusLastEditorGroup');
    const places: string[] = [];
    while (places.length < 4 && !places.at(-1)?.endsWith('something else still')) {
      await step('next');
      places.push((await studio.panels.activations.show(session)).place);
    }
    assert.match(places.at(-1) ?? '', /^Block 4 of 4: dense-1 is next/, places.join(' | '));
    const inFront = vscode.window.tabGroups.all.map(({ activeTab }) => activeTab?.label ?? '');
    assert.ok(
      inFront.some((label) => label.startsWith('Activations:')),
      inFront.join(', '),
    );
    const next = await studio.panels.activations.show(session);
    assert.deepEqual(valuesOf(next.tensors[1]), host.outputs[2], 'its input is there already');

    const ended = nextEvent(vscode.debug.onDidTerminateDebugSession, ({ id }) => id === session.id);
    await run('workbench.action.debug.continue');
    await ended;
    const last = await studio.panels.activations.show(session);
    assert.equal(last.state, 'ended');
    assert.deepEqual(last.tensors, next.tensors, 'the last values stay');
    await run('workbench.action.closeAllEditors');
  });

  it('shows the window as the input of the first layer, and says where there is nothing to show', async function () {
    this.timeout(120_000);
    const { studio } = await studioApi();
    const folder = await findRun(await studioApi(), 'tiny');
    const { session } = await stopIn(undefined);
    const { tensors } = await run<ActivationsSnapshot>(commandIds.showActivations);
    const { window } = await hostActivations(folder);
    assert.equal(tensors[1].name, 'window');
    assert.deepEqual(valuesOf(tensors[1]), window);
    await end(session);

    const other = await stopIn('main');
    const outside = await run<ActivationsSnapshot>(commandIds.showActivations);
    assert.equal(outside.state, 'elsewhere');
    await step('next');
    assert.equal((await studio.panels.activations.show(other.session)).state, 'elsewhere');
    await end(other.session);
    await run('workbench.action.closeAllEditors');
  });

  it('names the registers, reads those of the processor, and shows none that the emulator does not have', async function () {
    this.timeout(120_000);
    const { views } = await studioApi();
    const { session } = await stopIn('gru-1');
    const roots = await views.registers.getChildren();
    assert.deepEqual(
      roots.map((node) => node.kind === 'peripheral' && node.peripheral.name),
      peripherals.map(({ name }) => name),
    );
    const registersOf = async (name: string) => {
      const root = roots.find((node) => node.kind === 'peripheral' && node.peripheral.name === name);
      return (await views.registers.getChildren(root)).flatMap((n) => (n.kind === 'register' ? [n] : []));
    };
    const [cpuid] = await registersOf('SCB');
    const [part] = await views.registers.getChildren(cpuid);
    assert.equal(views.registers.getTreeItem(part).description, '3108 (Cortex-M4)');
    const saadc = await registersOf('SAADC');
    assert.ok(saadc.length > 10);
    for (const node of saadc) assert.equal(views.registers.getTreeItem(node).description, '–');
    const view: { message: string | undefined } = { message: undefined };
    views.registers.messageTo(view);
    assert.equal(view.message, emulatorMessage);
    await run(`${debugViewIds.registers}.focus`);
    await end(session);
    assert.deepEqual(await registersOf('SCB').then(([first]) => first.value), undefined);
  });

  it('says how to start where nothing is debugged', async () => {
    const { studio } = await studioApi();
    await run(commandIds.showActivations);
    assert.ok(studio.log.recent().some((line) => /no firmware is being debugged/.test(line)));
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
