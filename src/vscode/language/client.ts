import * as path from 'node:path';
import {
  LanguageClient,
  TransportKind,
  type LanguageClientOptions,
  type ServerOptions,
} from 'vscode-languageclient/node';
import { productRoot } from '../../common/product.ts';
import { languageIds } from '../ids.ts';
import { showsInlayHints } from '../settings.ts';

/** A client of the language server in a process of its own, so that a training never slows typing down. */
export function createClient(): LanguageClient {
  const server: ServerOptions = {
    module: path.join(productRoot, 'dist', 'language-server.js'),
    transport: TransportKind.ipc,
    options: { env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' }, execArgv: [] },
    runtime: process.execPath,
  };
  const options: LanguageClientOptions = {
    documentSelector: Object.values(languageIds).map((language) => ({
      language,
      scheme: 'file',
    })),
    middleware: {
      provideInlayHints: (document, range, token, next) =>
        showsInlayHints() ? next(document, range, token) : [],
    },
  };
  return new LanguageClient('ecg-language', 'ECG Studio Language Server', server, options);
}
