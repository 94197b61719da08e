import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import { languageMethods, type ModelSummary } from '../../protocol/language.ts';
import { DisposableStore } from '../dispose.ts';
import { languageIds } from '../ids.ts';
import type { Log } from '../log.ts';

/** The language server: started when a model, dataset or board file is opened, or when somebody asks for a summary. */
export class LanguageService implements vscode.Disposable {
  readonly #store = new DisposableStore();
  readonly #log: Log;
  #client: Promise<LanguageClient> | undefined;

  constructor(log: Log) {
    this.#log = log;
    const ours = (document: vscode.TextDocument): boolean =>
      Object.values<string>(languageIds).includes(document.languageId);
    if (vscode.workspace.textDocuments.some(ours)) void this.start();
    this.#store.add(
      vscode.workspace.onDidOpenTextDocument((document) => {
        if (ours(document)) void this.start();
      }),
    );
  }

  /** The client, started. Its code is loaded with the first call only. */
  start(): Promise<LanguageClient> {
    this.#client ??= import('./client.ts').then(async ({ createClient }) => {
      const client = createClient();
      await client.start();
      this.#log.info('language server started');
      return client;
    });
    return this.#client;
  }

  /** Totals and errors of a model file, as it stands in its editor or on the disk. */
  async modelSummary(uri: vscode.Uri): Promise<ModelSummary> {
    return (await this.start()).sendRequest<ModelSummary>(languageMethods.modelSummary, {
      uri: uri.toString(),
    });
  }

  dispose(): void {
    void this.#client?.then((client) => client.dispose()).catch(() => {});
    this.#store.dispose();
  }
}
