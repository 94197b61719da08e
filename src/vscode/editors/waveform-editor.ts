import * as path from 'node:path';
import * as vscode from 'vscode';
import { describeError } from '../../common/errors.ts';
import { notAMedicalDevice } from '../../common/product.ts';
import type { OpenedRecord, RecordInputs } from '../../jobs/opened-records.ts';
import { MessageChannel } from '../../protocol/message-channel.ts';
import type { WaveformAsked } from '../../protocol/webview.ts';
import { DisposableStore } from '../dispose.ts';
import { editorIds, recordScheme } from '../ids.ts';
import { pageHtml, pageRoots } from '../panels/page.ts';
import type { Studio } from '../studio.ts';
import { recordInputs } from './record-uri.ts';

/** Waveforms of records of datasets and of files: a read-only editor, since a source recording is never written. */
export function registerWaveformEditor(studio: Studio): vscode.Disposable {
  const store = new DisposableStore();
  const editor = new WaveformEditor(studio);
  for (const id of Object.values(editorIds)) {
    store.add(
      vscode.window.registerCustomEditorProvider(id, editor, { supportsMultipleEditorsPerDocument: true }),
    );
  }
  // The editor asks what the "file" is before it opens it.
  store.add(
    vscode.workspace.registerFileSystemProvider(recordScheme, new RecordFiles(), {
      isReadonly: true,
      isCaseSensitive: true,
    }),
  );
  return store;
}

class WaveformEditor implements vscode.CustomReadonlyEditorProvider {
  readonly #studio: Studio;

  constructor(studio: Studio) {
    this.#studio = studio;
  }

  openCustomDocument(uri: vscode.Uri): vscode.CustomDocument {
    return { uri, dispose: () => {} };
  }

  resolveCustomEditor(document: vscode.CustomDocument, panel: vscode.WebviewPanel): void {
    const { webview } = panel;
    const { extensionUri } = this.#studio.context;
    webview.options = { enableScripts: true, localResourceRoots: pageRoots(extensionUri) };
    const channel = new MessageChannel<WaveformAsked, object, object, object>(
      (message) => void webview.postMessage(message),
    );
    const { compute, runs } = this.#studio;
    let inputs = recordInputs(document.uri);
    channel.answer('open', () =>
      readable(async () => {
        const trained = (await runs.whole()).filter(({ info }) => info.status === 'done');
        const { opened, asked } = await this.#open(inputs);
        inputs = asked;
        return {
          ...opened,
          facts: ('file' in asked ? asked.facts : undefined) ?? {},
          runs: trained.map(({ folder, info }) => ({
            folder,
            name: `${info.name} (${path.basename(folder).slice(0, 17)})`,
          })),
          notice: notAMedicalDevice,
        };
      }),
    );
    channel.answer('samples', ({ start, count }) =>
      readable(() => compute.query('samples', { ...inputs, start, count })),
    );
    channel.answer('envelope', ({ start, count }) =>
      readable(() => compute.query('envelope', { ...inputs, start, count })),
    );
    channel.answer('probabilities', ({ run }) =>
      readable(() => compute.query('windowProbabilities', { ...inputs, run })),
    );
    const show = (): void => {
      webview.html = pageHtml(webview, extensionUri, 'waveform', path.basename(document.uri.path));
    };
    channel.answer('sayFactsAgain', async () => {
      if ('file' in inputs) await this.#studio.fileFacts.keep(inputs.file, {});
      show();
      return null;
    });
    const listening = webview.onDidReceiveMessage((message: unknown) => void channel.receive(message));
    panel.onDidDispose(() => {
      listening.dispose();
    });
    show();
  }

  /** What a file does not say of itself the user is asked for, once; it belongs to all that is asked of the file later. */
  async #open(inputs: RecordInputs): Promise<{ opened: OpenedRecord; asked: RecordInputs }> {
    const { compute, fileFacts } = this.#studio;
    if (!('file' in inputs)) return { opened: await compute.query('openRecord', inputs), asked: inputs };
    const { file } = inputs;
    return fileFacts.with(file, async (facts) => {
      const asked = { file, facts };
      return { opened: await compute.query('openRecord', asked), asked };
    });
  }
}

/** The page shows one text: with the place and what to do. */
function readable<T>(answer: () => Promise<T>): Promise<T> {
  return answer().catch((error: unknown) => {
    throw new Error(describeError(error), { cause: error });
  });
}

/** Records look like empty read-only files; their content comes from the compute process. */
class RecordFiles implements vscode.FileSystemProvider {
  readonly onDidChangeFile = new vscode.EventEmitter<vscode.FileChangeEvent[]>().event;

  watch(): vscode.Disposable {
    return { dispose: () => {} };
  }
  stat(): vscode.FileStat {
    return {
      type: vscode.FileType.File,
      ctime: 0,
      mtime: 0,
      size: 0,
      permissions: vscode.FilePermission.Readonly,
    };
  }
  readFile(): Uint8Array {
    return new Uint8Array();
  }
  readDirectory(): never {
    throw vscode.FileSystemError.FileNotADirectory();
  }
  createDirectory(): never {
    throw vscode.FileSystemError.NoPermissions();
  }
  writeFile(): never {
    throw vscode.FileSystemError.NoPermissions();
  }
  delete(): never {
    throw vscode.FileSystemError.NoPermissions();
  }
  rename(): never {
    throw vscode.FileSystemError.NoPermissions();
  }
}
