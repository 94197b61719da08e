import * as path from 'node:path';
import * as vscode from 'vscode';
import { CancelledError, MissingToolError, UserError, type ErrorPlace } from '../common/errors.ts';
import { ComputeDiedError } from './compute-client.ts';
import { commandIds } from './ids.ts';
import type { Studio } from './studio.ts';

/**
 * Tell the user of an error: what happened, where, what to do; with a way to the place. What is no UserError is a defect
 * and says so. Resolves when the message has been answered or closed, so callers do not wait for it.
 */
export async function showError(studio: Pick<Studio, 'log'>, what: string, error: unknown): Promise<void> {
  if (error instanceof CancelledError) return;
  if (error instanceof ComputeDiedError) {
    // Told once for all jobs, with Resume, by `watchCompute`.
    return;
  }
  if (!(error instanceof UserError)) {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    studio.log.error(`${what}: ${stack}`);
    const text = error instanceof Error ? error.message : String(error);
    await offer(`${what} failed, by an error of ECG Studio itself: ${text}`, {
      'Show Log': () => studio.log.show(),
      'Copy Diagnostics': () => void vscode.commands.executeCommand(commandIds.copyDiagnostics),
    });
    return;
  }
  studio.log.error(`${what}: ${error.describe()}`);
  const actions: Record<string, () => unknown> = {};
  const { file, line, column } = error.place;
  if (file && /\.(ya?ml|json|csv|md)$/.test(file)) actions['Open File'] = () => openAt(file, line, column);
  if (error instanceof MissingToolError) {
    actions['Check Tools'] = () => vscode.commands.executeCommand(commandIds.checkTools);
  }
  actions['Show Log'] = () => studio.log.show();
  await offer(`${what}: ${sentence(error)}`, actions);
}

/** One line: messages cannot break lines. */
function sentence(error: UserError): string {
  const where = placeText(error.place);
  const advice = error.advice ? ` ${error.advice}` : '';
  return `${where}${error.message}.${advice}`.replaceAll(/\s+/g, ' ').replaceAll('..', '.');
}

function placeText({ file, line, record, layer }: ErrorPlace): string {
  const parts: string[] = [];
  if (file) parts.push(path.basename(file) + (line ? `:${line}` : ''));
  if (record) parts.push(`record ${record}`);
  if (layer) parts.push(`layer ${layer}`);
  return parts.length > 0 ? `${parts.join(', ')}: ` : '';
}

async function offer(message: string, actions: Record<string, () => unknown>): Promise<void> {
  const chosen = await vscode.window.showErrorMessage(message, ...Object.keys(actions));
  if (chosen) await actions[chosen]();
}

/** Show a place in a text file; line and column from 1. */
export async function openAt(file: string, line = 1, column = 1): Promise<void> {
  const at = new vscode.Position(Math.max(0, line - 1), Math.max(0, column - 1));
  await vscode.window.showTextDocument(vscode.Uri.file(file), { selection: new vscode.Range(at, at) });
}
