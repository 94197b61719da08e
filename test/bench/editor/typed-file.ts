import * as vscode from 'vscode';
import { inWorkspace, run as command, studioApi, until } from '../../host/studio.ts';
import { constantFile, typedLayers, typedModel } from './workspace.ts';

const keystrokes = 40;
/** ms; a fast typist. Without it the training would never get the cores back between two keystrokes. */
const between = 120;

/** ms of each keystroke: all of it, and from when the edit was made. */
export interface HintTimes {
  total: number[];
  request: number[];
  /** Ours alone: from when the extension knows of the edit to the answer of the language server. */
  answer: number[];
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** The model of 40 layers, with the hints of the language server. */
export function openModel(): Promise<TypedFile> {
  return TypedFile.open(typedModel, (filters) => `${filters}×`);
}

/** The same text with as many hints that cost nothing to make: what VS Code itself takes for them. */
export function openConstant(): Promise<TypedFile> {
  const provider = vscode.languages.registerInlayHintsProvider(
    { pattern: `**/${constantFile}` },
    { provideInlayHints: constantHints },
  );
  return TypedFile.open(constantFile, (filters) => `${filters} `, provider);
}

function constantHints(document: vscode.TextDocument): vscode.InlayHint[] {
  const [, filters] = /filters: (\d+)/.exec(document.getText()) ?? [];
  const first = document.lineCount - 1 - typedLayers;
  return Array.from({ length: typedLayers }, (_, i) => {
    const { end } = document.lineAt(first + i).range;
    return new vscode.InlayHint(end, `${filters} 256 · 10 k · 82 k MAC`);
  });
}

/** A file in an editor; its first layer has 10 to 19 filters, whose second digit is typed. */
export class TypedFile {
  readonly #editor: vscode.TextEditor;
  readonly #digit: vscode.Range;
  readonly #whole: vscode.Range;
  readonly #start: (filters: string) => string;
  readonly #provider: vscode.Disposable | undefined;

  private constructor(
    editor: vscode.TextEditor,
    start: (filters: string) => string,
    provider?: vscode.Disposable,
  ) {
    this.#editor = editor;
    this.#start = start;
    this.#provider = provider;
    const { document } = editor;
    const at = document.positionAt(document.getText().indexOf('filters: 1') + 'filters: 1'.length);
    this.#digit = new vscode.Range(at, at.translate(0, 1));
    this.#whole = new vscode.Range(0, 0, document.lineCount, 0);
  }

  /**
   * Opened, and with a hint at every layer.
   * @param start of the first layer's hint
   * @param provider of the hints, where they are not the language server's
   */
  static async open(
    name: string,
    start: (filters: string) => string,
    provider?: vscode.Disposable,
  ): Promise<TypedFile> {
    const document = await vscode.workspace.openTextDocument(inWorkspace(name));
    const editor = await vscode.window.showTextDocument(document, { preview: false });
    const file = new TypedFile(editor, start, provider);
    await until('there are hints', async () => (await file.#hints()).length >= typedLayers);
    return file;
  }

  async type(): Promise<HintTimes> {
    const times: HintTimes = { total: [], request: [], answer: [] };
    const asked = this.#provider ? undefined : await this.#askServer(times.answer);
    // From the panel of the training, which may have come in between.
    const editor = await vscode.window.showTextDocument(this.#editor.document);
    for (let i = 0; i < keystrokes; i++) {
      const digit = String(i % 10);
      const started = performance.now();
      await editor.edit((edit) => edit.replace(this.#digit, digit));
      const edited = performance.now();
      const hints = await this.#hints();
      const ended = performance.now();
      this.#requireNew(hints, `1${digit}`);
      times.total.push(ended - started);
      times.request.push(ended - edited);
      await pause(between);
    }
    asked?.dispose();
    return times;
  }

  /** With every change of the document, as VS Code asks, but without its way through the window and back. */
  async #askServer(times: number[]): Promise<vscode.Disposable> {
    const client = await (await studioApi()).studio.language.start();
    const { document } = this.#editor;
    const { start, end } = this.#whole;
    return vscode.workspace.onDidChangeTextDocument(async (event) => {
      if (event.document !== document || event.contentChanges.length === 0) return;
      const started = performance.now();
      // The client's own listener sends the change first: it was there before this one.
      const hints = await client.sendRequest<unknown[]>('textDocument/inlayHint', {
        textDocument: { uri: document.uri.toString() },
        range: { start, end },
      });
      times.push(performance.now() - started);
      if (hints.length < typedLayers) throw new Error(`${hints.length} hints of the server`);
    });
  }

  async close(): Promise<void> {
    await vscode.window.showTextDocument(this.#editor.document);
    await command('workbench.action.files.revert');
    this.#provider?.dispose();
  }

  #hints(): Promise<vscode.InlayHint[]> {
    return command('vscode.executeInlayHintProvider', this.#editor.document.uri, this.#whole);
  }

  /** An old figure, however fast, is no result. */
  #requireNew(hints: readonly vscode.InlayHint[], filters: string): void {
    const { label } = hints[0];
    const text = typeof label === 'string' ? label : label.map((part) => part.value).join('');
    if (hints.length < typedLayers) throw new Error(`${hints.length} hints for ${typedLayers} layers`);
    if (!text.startsWith(this.#start(filters))) {
      throw new Error(`an old hint: ${text} after ${filters} was typed`);
    }
  }
}
