/** A code that a file defines itself, or defines anew, by notes at its start. */
export interface AnnotationType {
  /** 1…58; WFDB itself goes to 49. */
  code: number;
  symbol: string;
  description: string;
}

/** The last code that an annotation can have: 59…63 say something of the annotation before them. */
export const lastCode = 58;
export const noteCode = 22;

/** Symbols of the codes in the order of WFDB's ecgcodes.h; '' where it gives a code no meaning. */
const symbols = [
  ['', 'N', 'L', 'R', 'a', 'V', 'F', 'J', 'A', 'S'],
  ['E', 'j', '/', 'Q', '~', '', '|', '', 's', 'T'],
  ['*', 'D', '"', '=', 'p', 'B', '^', 't', '+', 'u'],
  ['?', '!', '[', ']', 'e', 'n', '@', 'x', 'f', '('],
  [')', 'r'],
].flat();

const codes = new Map(
  symbols.map((symbol, code) => [symbol, code]).filter(([symbol]) => symbol !== '') as [string, number][],
);

/** As WFDB prints it: `N`, or `[42]` for a code without a symbol. */
export function symbolOf(code: number): string {
  return symbols[code] || `[${code}]`;
}

/** The code of a symbol of ecgcodes.h or `[n]`, 1 to `lastCode`; undefined of any other. */
export function codeOf(symbol: string): number | undefined {
  const code = codes.get(symbol) ?? Number(/^\[([1-9]\d?)\]$/.exec(symbol)?.[1] ?? 0);
  return code >= 1 && code <= lastCode ? code : undefined;
}
