import {
  CodeActionKind,
  CompletionItemKind,
  DiagnosticSeverity,
  InlayHintKind,
  InsertTextFormat,
  MarkupKind,
  SymbolKind,
  type CodeAction,
  type CodeLens,
  type CompletionItem,
  type Diagnostic,
  type DocumentSymbol,
  type Hover,
  type InlayHint,
  type MarkupContent,
  type Range,
} from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { diagnosticSource } from '../protocol/language.ts';
import type { Lens } from './code-lenses.ts';
import type { Suggestion } from './completion.ts';
import type { FileDiagnostic } from './diagnostics.ts';
import type { HoverText } from './hover.ts';
import type { LayerHint } from './inlay-hints.ts';
import type { QuickFix } from './quick-fixes.ts';
import type { FileSymbol } from './symbols.ts';

/** What the features say in offsets, in the words of the Language Server Protocol. */

export function toRange(document: TextDocument, { start, end }: { start: number; end: number }): Range {
  return { start: document.positionAt(start), end: document.positionAt(end) };
}

const severities = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
} as const;

export function toDiagnostic(document: TextDocument, found: FileDiagnostic): Diagnostic {
  return {
    range: toRange(document, found),
    severity: severities[found.severity],
    source: diagnosticSource,
    message: found.message,
    ...(found.code !== undefined && { code: found.code }),
  };
}

/** Where a hint came from, for its tooltip. */
export interface HintData {
  uri: string;
  version: number;
  layer: number;
}

export function toInlayHint(document: TextDocument, { offset, label, layer }: LayerHint): InlayHint {
  const { uri, version } = document;
  return {
    position: document.positionAt(offset),
    label,
    kind: InlayHintKind.Type,
    paddingLeft: true,
    data: { uri, version, layer } satisfies HintData,
  };
}

export function withTooltip(hint: InlayHint, tooltip: string): InlayHint {
  return { ...hint, tooltip: markdown(tooltip) };
}

export function toHover(document: TextDocument, text: HoverText): Hover {
  return { contents: markdown(text.markdown), range: toRange(document, text) };
}

const completionKinds = {
  layer: CompletionItemKind.Module,
  setting: CompletionItemKind.Property,
  value: CompletionItemKind.EnumMember,
  reference: CompletionItemKind.Reference,
} as const;

/** @param order place in the list: the order of the schema means more than the alphabet's */
export function toCompletionItem(
  document: TextDocument,
  suggestion: Suggestion,
  order: number,
): CompletionItem {
  const { label, kind, insert, detail, documentation, again } = suggestion;
  return {
    label,
    kind: completionKinds[kind],
    sortText: String(order).padStart(4, '0'),
    filterText: label,
    detail,
    ...(documentation && { documentation: markdown(documentation) }),
    insertTextFormat: InsertTextFormat.Snippet,
    textEdit: { range: toRange(document, suggestion), newText: insert },
    ...(again && { command: { title: 'Suggest', command: 'editor.action.triggerSuggest' } }),
  };
}

export function toCodeLens(document: TextDocument, lens: Lens): CodeLens {
  return {
    range: toRange(document, { start: lens.start, end: lens.start }),
    command: { title: lens.title, command: lens.command, arguments: lens.arguments },
  };
}

export function toCodeAction(document: TextDocument, diagnostic: Diagnostic, fix: QuickFix): CodeAction {
  const about = {
    title: fix.title,
    kind: CodeActionKind.QuickFix,
    diagnostics: [diagnostic],
    isPreferred: true,
  };
  if ('command' in fix) {
    return { ...about, command: { title: fix.title, command: fix.command, arguments: fix.arguments } };
  }
  return {
    ...about,
    edit: { changes: { [document.uri]: [{ range: toRange(document, fix), newText: fix.text }] } },
  };
}

export function toDocumentSymbol(document: TextDocument, symbol: FileSymbol): DocumentSymbol {
  return {
    name: symbol.name,
    detail: symbol.detail,
    kind: symbol.kind === 'layer' ? SymbolKind.Module : SymbolKind.Property,
    range: toRange(document, symbol),
    selectionRange: toRange(document, { start: symbol.nameStart, end: symbol.nameEnd }),
    children: symbol.children.map((child) => toDocumentSymbol(document, child)),
  };
}

function markdown(value: string): MarkupContent {
  return { kind: MarkupKind.Markdown, value };
}
