const most = 80;

/** Text of a file as messages have it: a name or a field can be as long as its file. */
export function shown(text: string): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}
