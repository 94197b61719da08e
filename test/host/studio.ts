import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { StudioApi } from '../../src/extension.ts';

/** The extension, activated, and its workspace. */
export async function studioApi(): Promise<StudioApi> {
  const extension = vscode.extensions.getExtension<StudioApi>('ecg-studio.ecg-studio');
  assert.ok(extension, 'the extension is there');
  return extension.activate();
}

export const workspace = process.env.ECG_HOST_WORKSPACE ?? '';

export function inWorkspace(...parts: string[]): string {
  return path.join(workspace, ...parts);
}

/** Run a command and give its result; commands end when their work does. */
export function run<T>(command: string, ...args: unknown[]): Promise<T> {
  return Promise.resolve(vscode.commands.executeCommand<T>(command, ...args));
}

/** Resolves with the first event that fits; a test's own time limit ends the wait. */
export function nextEvent<T>(event: vscode.Event<T>, fits: (value: T) => boolean = () => true): Promise<T> {
  return new Promise((resolve) => {
    const listening = event((value) => {
      if (!fits(value)) return;
      listening.dispose();
      resolve(value);
    });
  });
}

/** Ask again until it is so; for state that has no event. */
export async function until(what: string, so: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await so()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail(`never happened: ${what}`);
}

type Messages = 'showInformationMessage' | 'showWarningMessage' | 'showErrorMessage';
type Asking = Messages | 'showQuickPick' | 'showInputBox' | 'showOpenDialog';

/** Answer what the extension asks while `body` runs. Gives what was asked. */
export async function answering<T>(
  which: Asking,
  answer: (...args: unknown[]) => unknown,
  body: () => Promise<T>,
): Promise<{ result: T; asked: unknown[][] }> {
  const target = vscode.window as unknown as Record<string, (...args: unknown[]) => unknown>;
  const original = target[which];
  const asked: unknown[][] = [];
  target[which] = (...args: unknown[]) => {
    asked.push(args);
    return Promise.resolve(answer(...args));
  };
  try {
    return { result: await body(), asked };
  } finally {
    target[which] = original;
  }
}

/** Pick the item with this label. */
export function picking(label: string): (items: unknown) => unknown {
  return async (items) => {
    const list = (await items) as { label: string }[];
    const found = list.find((item) => item.label === label);
    assert.ok(found, `${label} is offered; offered were ${list.map((i) => i.label).join(', ')}`);
    return found;
  };
}

/** A network that trains in a moment. */
export function writeModel(name: string, epochs: number, more = ''): string {
  const file = inWorkspace(`${name}.ecgmodel.yaml`);
  fs.writeFileSync(
    file,
    `version: 1
name: ${name}
input: { rate: 100, window: 128, hop: 64, filter: { band: [0.5, 40], order: 2 }, scale: training-sd }
classes: [N, A, O, "~"]
layers:
  - conv1d: { filters: 8, kernel: 5, activation: relu }
  - average-pool: 2
  - conv1d: { filters: 16, kernel: 5, activation: relu }
  - global-average-pool
  - gru: 16
  - dense: 4
training: { epochs: ${epochs}, batch: 32, optimizer: { adam: 0.003 } }
target: { board: nrf52832, flash: 200 kB, ram: 32 kB, latency: 60 ms }
${more}`,
  );
  return file;
}

/** The run of this name, newest first. */
export async function findRun(api: StudioApi, name: string): Promise<string> {
  api.studio.runs.refresh();
  const runs = await api.studio.runs.whole();
  const found = runs.find(({ info }) => info.name === name);
  assert.ok(found, `there is a run ${name}`);
  return found.folder;
}
