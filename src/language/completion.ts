import { layerDefinitions } from '../layers/shapes.ts';
import { commonLayerProperties } from '../model/schema.ts';
import { cursorAt, type Cursor } from './cursor.ts';
import type { StudioFile } from './documents.ts';
import { shapeText } from './figures.ts';
import {
  formsOf,
  isLayerKind,
  propertiesOf,
  residual,
  settingAt,
  settingMarkdown,
  valuesText,
  type Setting,
} from './settings.ts';

export interface Suggestion {
  label: string;
  kind: 'layer' | 'setting' | 'value' | 'reference';
  /** A snippet: `$1` and `${1:…}` are places to fill in. */
  insert: string;
  detail: string;
  /** Markdown. */
  documentation: string;
  /** Offsets of what it replaces. */
  start: number;
  end: number;
  /** More settings can be asked for at once. */
  again: boolean;
}

/** What could stand at an offset of a text, which may be half typed. */
export function completions(file: StudioFile, offset: number): Suggestion[] {
  const cursor = cursorAt(file.text, offset);
  if (!cursor) return [];
  const range = { start: cursor.start, end: wordEnd(file.text, offset) };
  // A key that has its value already is renamed, and nothing else.
  const renames = cursor.role !== 'value' && /^\s*:/.test(file.text.slice(range.end, range.end + 100));
  return suggestions(file, cursor).map((suggestion) => ({
    ...suggestion,
    ...(renames && { insert: suggestion.label }),
    ...range,
  }));
}

type Bare = Omit<Suggestion, 'start' | 'end'>;

function suggestions(file: StudioFile, cursor: Cursor): Bare[] {
  const { kind } = file;
  const { path, role } = cursor;
  const setting = settingAt(kind, path);
  if (!setting) return [];
  if (role === 'item') {
    if (setting.isLayer) return layers(cursor);
    return path.at(-2) === 'from' && !cursor.dash ? earlierLayers(file, path) : [];
  }
  if (role === 'value') {
    if (setting.isLayer) return [];
    return [...values(setting), ...knownValues(file, path)];
  }
  const list = formsOf(setting).find((form) => form.items?.isLayer);
  // A line below `layers:` that has no dash yet.
  if (list) return layers({ ...cursor, dash: true });
  return keys(setting, cursor);
}

/** Snippets that give a layer which works. */
const layerSnippets: Readonly<Record<string, string>> = {
  conv1d: '{ filters: ${1:32}, kernel: ${2:5}, activation: ${3|relu,none|} }',
  'average-pool': '${1:2}',
  'max-pool': '${1:2}',
  'global-average-pool': '',
  gru: '${1:64}',
  lstm: '${1:64}',
  dense: '${1:4}',
  add: '{ activation: ${1|relu,none|} }',
};

function layers({ dash, flow }: Pick<Cursor, 'dash' | 'flow'>): Bare[] {
  const prefix = dash ? '- ' : '';
  const known = [...layerDefinitions.values()].map(({ kind, description }): Bare => {
    const value = layerSnippets[kind] ?? '$1';
    let insert = value === '' ? kind : `${kind}: ${value}`;
    if (flow && value !== '') insert = `{ ${insert} }`;
    else if (kind === 'add' && !flow) insert += '\n  from: [$2, $3]';
    return {
      label: kind,
      kind: 'layer',
      insert: prefix + insert,
      detail: description,
      documentation: '',
      again: false,
    };
  });
  const block = flow
    ? `{ ${residual}: { layers: [$1] } }`
    : `${residual}:\n    layers:\n      - conv1d: ${layerSnippets.conv1d}\n    shortcut: { conv1d: { filters: $1, kernel: 1 } }\n    activation: \${4|relu,none|}`;
  const detail = settingAt('model', ['layers', 0, residual])?.description ?? '';
  return [
    ...known,
    { label: residual, kind: 'layer', insert: prefix + block, detail, documentation: '', again: false },
  ];
}

/** Settings of a map that are not there yet, those that it needs first. */
function keys(setting: Setting, cursor: Cursor): Bare[] {
  const properties = Object.entries(propertiesOf(setting));
  const taken = new Set(cursor.present);
  const hasKind = cursor.present.some(isLayerKind);
  const wanted = properties.filter(([name]) => {
    if (taken.has(name)) return false;
    // A layer has one kind.
    return !setting.isLayer || name in commonLayerProperties || !hasKind;
  });
  const required = formsOf(setting).find((form) => form.required)?.required ?? [];
  const rank = (name: string): number => (required.includes(name) ? 0 : 1);
  wanted.sort(([a], [b]) => rank(a) - rank(b));
  return wanted.map(([name, property]) => {
    const snippet = setting.isLayer ? layerSnippets[name] : undefined;
    const value = snippet === '' ? '{}' : (snippet ?? valueSnippet(name, property, cursor.flow));
    return {
      label: name,
      kind: setting.isLayer && isLayerKind(name) ? 'layer' : 'setting',
      insert: `${name}:${value.startsWith('\n') ? '' : ' '}${value}`,
      detail: valuesText(property).replaceAll('`', ''),
      documentation: settingMarkdown(name, property),
      again: value === '$1',
    };
  });
}

function valueSnippet(name: string, setting: Setting, flow: boolean): string {
  const fixed = fixedValues(setting);
  if (fixed.length > 1) return `\${1|${fixed.join(',')}|}`;
  if (fixed.length === 1) return fixed[0];
  if (setting.default !== undefined) return `\${1:${String(setting.default)}}`;
  const [form] = formsOf(setting);
  if (form.items?.isLayer) return flow ? '[$1]' : '\n  - $1';
  if (form.type === 'array') return '[$1]';
  if (form.type !== 'object') return examples[name] ?? '$1';
  const required = form.required ?? form.suggested ?? [];
  if (required.length === 0) return flow ? '{ $1 }' : '\n  $1';
  const inside = required.map(
    (child, i) => `${child}: \${${i + 1}:${examples[child] ?? defaultText(form.properties?.[child])}}`,
  );
  return `{ ${inside.join(', ')} }`;
}

/** For what has no default: values that are valid, and easily seen to be an example. */
const examples: Readonly<Record<string, string>> = {
  filters: '${1:32}',
  kernel: '${1:5}',
  rate: '122',
  window: '256',
  hop: '128',
  band: '[0.5, 40]',
  flash: '200 kB',
  ram: '32 kB',
  latency: '60 ms',
  'reset-every': '30',
  gain: '400',
  'microvolts-per-count': '1',
  'flash-start': '0x26000',
  'ram-start': '0x20002000',
};

function defaultText(setting: Setting | undefined): string {
  if (!setting) return '';
  return fixedValues(setting)[0] ?? String((setting.default as string | number | undefined) ?? '');
}

/** What a setting with few values can be. */
function fixedValues(setting: Setting): string[] {
  return formsOf(setting).flatMap((form) => {
    if (form.enum) return form.enum.map(String);
    if (form.const !== undefined) return [String(form.const)];
    return form.type === 'boolean' ? ['true', 'false'] : [];
  });
}

function values(setting: Setting): Bare[] {
  const fixed = fixedValues(setting);
  const more =
    setting.default === undefined || fixed.includes(String(setting.default)) ? [] : [setting.default];
  return [...fixed, ...more.map((value) => String(value as string | number))].map((label) => ({
    label,
    kind: 'value',
    insert: label,
    detail: label === String(setting.default as string | undefined) ? 'default' : '',
    documentation: setting.description ?? '',
    again: false,
  }));
}

/** Values that only the file knows: classes that labels are mapped to. */
function knownValues(file: StudioFile, path: Cursor['path']): Bare[] {
  if (file.kind !== 'dataset' || path.length !== 3 || path[0] !== 'labels' || path[1] !== 'map') return [];
  const map =
    (file.source.value as { labels?: { map?: Record<string, unknown> } } | undefined)?.labels?.map ?? {};
  const classes = new Set(
    Object.values(map).filter((name): name is string => typeof name === 'string' && name !== ''),
  );
  return [...classes].map((name) => ({
    label: name,
    kind: 'value',
    insert: /^[\w.-]+$/.test(name) ? name : JSON.stringify(name),
    detail: 'class',
    documentation: '',
    again: false,
  }));
}

/** Names that `from` may hold: the layers before this one, and the input. */
function earlierLayers(file: StudioFile, path: Cursor['path']): Bare[] {
  if (file.kind !== 'model') return [];
  const entry = path[path.indexOf('layers') + 1];
  const before = file.layers.filter(
    (layer) => typeof entry !== 'number' || (layer.path[1] as number) < entry,
  );
  const names = before.map(({ name, shape, line }) => ({
    name,
    detail: `${shapeText(shape)}, line ${line}`,
  }));
  return [{ name: 'input', detail: 'the window' }, ...names].map(({ name, detail }) => ({
    label: name,
    kind: 'reference',
    insert: name,
    detail,
    documentation: '',
    again: false,
  }));
}

function wordEnd(text: string, offset: number): number {
  let end = offset;
  while (end < text.length && /[\w.~-]/.test(text[end])) end++;
  return end;
}
