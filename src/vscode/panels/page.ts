import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

export type PageName = 'waveform' | 'training' | 'evaluation' | 'statistics' | 'activations' | 'firmware';

/** Where a page may read from. */
export function pageRoots(extension: vscode.Uri): vscode.Uri[] {
  return [vscode.Uri.joinPath(extension, 'dist', 'webview')];
}

/** The shell of a page: one script, one style sheet, and nothing else may run or be loaded. */
export function pageHtml(
  webview: vscode.Webview,
  extension: vscode.Uri,
  name: PageName,
  title: string,
): string {
  const nonce = randomBytes(16).toString('base64');
  const uri = (file: string): string =>
    webview.asWebviewUri(vscode.Uri.joinPath(extension, 'dist', 'webview', file)).toString();
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'nonce-${nonce}'; style-src ${webview.cspSource};">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${uri(`${name}.css`)}">
<title>${escapeHtml(title)}</title>
</head>
<body>
<main id="root"></main>
<script nonce="${nonce}" src="${uri(`${name}.js`)}"></script>
</body>
</html>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
