import * as vscode from 'vscode';
import type { RecordInputs } from '../../jobs/opened-records.ts';
import { recordScheme } from '../ids.ts';

/** A record of a dataset as something that an editor can open, and reopen after a restart. */
export function recordUri(dataset: vscode.Uri, record: string): vscode.Uri {
  return vscode.Uri.from({ scheme: recordScheme, path: `/${record}.ecgrecord`, query: dataset.fsPath });
}

/** What the compute process is asked for: a record of a dataset, or a file. */
export function recordInputs(uri: vscode.Uri): RecordInputs {
  if (uri.scheme !== recordScheme) return { file: uri.fsPath };
  return { data: uri.query, record: uri.path.slice(1).replace(/\.ecgrecord$/, '') };
}
