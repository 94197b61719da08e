/** Colours of the editor's theme for what is drawn on a canvas. */
export interface Theme {
  kind: 'light' | 'dark' | 'high-contrast' | 'high-contrast-light';
  background: string;
  foreground: string;
  muted: string;
  border: string;
  accent: string;
  /** Told apart by more than colour wherever they are used. */
  series: readonly string[];
  font: string;
}

export function currentTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string, otherwise: string): string => style.getPropertyValue(name).trim() || otherwise;
  const classes = document.body.classList;
  const kind = classes.contains('vscode-high-contrast-light')
    ? 'high-contrast-light'
    : classes.contains('vscode-high-contrast')
      ? 'high-contrast'
      : classes.contains('vscode-light')
        ? 'light'
        : 'dark';
  const foreground = color('--vscode-editor-foreground', '#888');
  return {
    kind,
    background: color('--vscode-editor-background', 'transparent'),
    foreground,
    muted: color('--vscode-descriptionForeground', foreground),
    border: color(
      '--vscode-contrastBorder',
      color('--vscode-panel-border', color('--vscode-editorWidget-border', foreground)),
    ),
    accent: color('--vscode-focusBorder', foreground),
    series: [
      color('--vscode-charts-blue', '#3794ff'),
      color('--vscode-charts-red', '#f14c4c'),
      color('--vscode-charts-green', '#89d185'),
      color('--vscode-charts-purple', '#b180d7'),
      color('--vscode-charts-yellow', '#cca700'),
      // Pale in light themes, so last.
      color('--vscode-charts-orange', '#d18616'),
    ],
    font: `${color('--vscode-font-size', '13px')} ${color('--vscode-font-family', 'sans-serif')}`,
  };
}

export function isHighContrast({ kind }: Theme): boolean {
  return kind.startsWith('high-contrast');
}

/** Called when the user changes the theme: VS Code sets the body's classes and the variables anew. */
export function onThemeChange(redraw: () => void): void {
  const observer = new MutationObserver(() => redraw());
  observer.observe(document.body, { attributes: true, attributeFilter: ['class'] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style'] });
}
