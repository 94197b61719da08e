import * as vscode from 'vscode';
import { inWorkspace, run as command, until } from '../../host/studio.ts';
import { typedLayers, typedModel } from './workspace.ts';

const keystrokes = 40;
/** ms; a fast typist. Without it the training would never get the cores back between two keystrokes. */
const between = 120;

/** ms of each keystroke: all of it, and from when the edit was made. */
export interface HintTimes {
  total: number[];
  request: number[];
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** The model of 40 layers in an editor; its first layer has 10 to 19 filters, whose second digit is typed. */
export class TypedModel {
  readonly #editor: vscode.TextEditor;
  readonly #digit: vscode.Range;
  readonly #whole: vscode.Range;

  private constructor(editor: vscode.TextEditor) {
    this.#editor = editor;
    const { document } = editor;
    const at = document.positionAt(document.getText().indexOf('filters: 1') + 'filters: 1'.length);
    this.#digit = new vscode.Range(at, at.translate(0, 1));
    this.#whole = new vscode.Range(0, 0, document.lineCount, 0);
  }

  /** Opened, and with a hint at every layer. */
  static async open(): Promise<TypedModel> {
    const document = await vscode.workspace.openTextDocument(inWorkspace(typedModel));
    const model = new TypedModel(await vscode.window.showTextDocument(document, { preview: false }));
    await until('there are hints', async () => (await model.#hints()).length >= typedLayers);
    return model;
  }

  async type(): Promise<HintTimes> {
    const times: HintTimes = { total: [], request: [] };
    // From the panel of the training, which may have come in between.
    await vscode.window.showTextDocument(this.#editor.document);
    for (let i = 0; i < keystrokes; i++) {
      const digit = String(i % 10);
      const started = performance.now();
      await this.#editor.edit((edit) => edit.replace(this.#digit, digit));
      const edited = performance.now();
      const hints = await this.#hints();
      const ended = performance.now();
      this.#requireNew(hints, `1${digit}`);
      times.total.push(ended - started);
      times.request.push(ended - edited);
      await pause(between);
    }
    return times;
  }

  async close(): Promise<void> {
    await vscode.window.showTextDocument(this.#editor.document);
    await command('workbench.action.files.revert');
  }

  #hints(): Promise<vscode.InlayHint[]> {
    return command('vscode.executeInlayHintProvider', this.#editor.document.uri, this.#whole);
  }

  /** An old figure, however fast, is no result. */
  #requireNew(hints: readonly vscode.InlayHint[], filters: string): void {
    const { label } = hints[0];
    const text = typeof label === 'string' ? label : label.map((part) => part.value).join('');
    if (hints.length < typedLayers) throw new Error(`${hints.length} hints for ${typedLayers} layers`);
    if (!text.startsWith(`${filters}×`)) throw new Error(`an old hint: ${text} after ${filters} was typed`);
  }
}
