import type { YamlPath } from '../common/yaml-source.ts';
import { blockPath, flowPath, readOutline, type OutlineState } from './outline.ts';
import { samePath } from './position.ts';

/** What could be typed at an offset. */
export interface Cursor {
  /**
   * `key`: a key of the map at `path`. `value`: the value of the key that `path` ends with. `item`: the list item that
   * `path` ends with; `dash`: its dash has to be typed too.
   */
  role: 'key' | 'value' | 'item';
  path: YamlPath;
  dash: boolean;
  /** Inside `{ }` or `[ ]`. */
  flow: boolean;
  /** The word that is being typed, from here to the offset. */
  start: number;
  /** Keys that the map has already, before and behind the cursor. */
  present: readonly string[];
}

/** undefined where nothing is to be completed: in comments, quoted and block text, and behind finished values. */
export function cursorAt(text: string, offset: number): Cursor | undefined {
  const state = readOutline(text.slice(0, offset));
  if (state.inert) return undefined;
  const cursor = state.flows.length > 0 ? inFlow(text, offset, state) : inBlock(text, offset, state);
  if (!cursor) return undefined;
  // The second word of a plain text is no name of anything.
  if (/\s/.test(text.slice(cursor.start, offset))) return undefined;
  return { ...cursor, present: cursor.role === 'value' ? [] : presentKeys(text, offset, cursor) };
}

type Bare = Omit<Cursor, 'present'>;

function inFlow(text: string, offset: number, { blocks, flows }: OutlineState): Bare {
  const top = flows[flows.length - 1];
  const word = text.slice(top.wordStart, offset);
  const start = offset - word.trimStart().length;
  const path = [...blockPath(blocks), ...flowPath(flows)];
  const role = top.step !== undefined ? 'value' : top.kind === 'map' ? 'key' : 'item';
  return { role, path, dash: false, flow: true, start };
}

function inBlock(text: string, offset: number, state: OutlineState): Bare | undefined {
  const { restStart, lineStart, afterDash, afterKey } = state;
  const bare = { dash: false, flow: false, start: restStart };
  if (afterKey) {
    // `key:|` needs its space first.
    if (text[offset - 1] === ':') return undefined;
    return { ...bare, role: 'value', path: blockPath(state.blocks) };
  }
  if (afterDash) {
    if (text[offset - 1] === '-') return undefined;
    return { ...bare, role: 'item', path: blockPath(state.blocks) };
  }
  return { ...bare, ...atColumn(state, restStart - lineStart) };
}

/** A line that has nothing but a word in it belongs where its column says. */
function atColumn({ blocks }: OutlineState, column: number): Pick<Bare, 'role' | 'path' | 'dash'> {
  const open = [...blocks];
  while (open.length > 0 && open[open.length - 1].indent > column) open.pop();
  const top = open.at(-1);
  if (!top) return { role: 'key', path: [], dash: false };
  if (top.kind === 'list' && top.indent === column) {
    const items = blockPath(open);
    return { role: 'item', path: [...items.slice(0, -1), (top.step as number) + 1], dash: true };
  }
  // Deeper than a key without a value: what belongs to that key. At the column of a key: its neighbour.
  if (top.kind === 'map' && top.indent === column)
    return { role: 'key', path: blockPath(open.slice(0, -1)), dash: false };
  return { role: 'key', path: blockPath(open), dash: false };
}

function presentKeys(text: string, offset: number, { path, start }: Bare): string[] {
  return readOutline(text)
    .keys.filter((key) => samePath(key.parent, path) && !(key.start <= offset && start <= key.end))
    .map(({ key }) => key);
}
