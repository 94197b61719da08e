import type { YamlPath } from '../common/yaml-source.ts';
import { datasetFileSchema } from '../dataset/schema.ts';
import { boardFileSchema } from '../firmware/board-schema.ts';
import { layerDefinitions } from '../layers/shapes.ts';
import {
  commonLayerProperties,
  modelFileSchema,
  residualDescription,
  residualSchema,
} from '../model/schema.ts';
import type { FileKind } from './documents.ts';

type Fixed = string | number | boolean | readonly number[];

/** The part of JSON Schema that the schemas of the product use: hover and completion say what the checks check. */
export interface Setting {
  type?: string | readonly string[];
  description?: string;
  enum?: readonly Fixed[];
  const?: Fixed;
  default?: Fixed;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  pattern?: string;
  properties?: Readonly<Record<string, Setting>>;
  required?: readonly string[];
  /** What completion writes where nothing is required. */
  suggested?: readonly string[];
  additionalProperties?: boolean | Setting;
  items?: Setting;
  oneOf?: readonly Setting[];
  anyOf?: readonly Setting[];
  /** An entry of a list of layers: one kind, and what any layer may say. */
  isLayer?: boolean;
}

export const residual = 'residual';

const layerEntry = makeLayerEntry();
const roots: Readonly<Record<FileKind, Setting>> = {
  model: {
    ...modelFileSchema,
    properties: {
      ...modelFileSchema.properties,
      layers: { ...modelFileSchema.properties.layers, items: layerEntry },
    },
  },
  dataset: datasetFileSchema,
  board: boardFileSchema,
};

/** Blocks hold layers, so this description holds itself. */
function makeLayerEntry(): Setting {
  const properties: Record<string, Setting> = {};
  const entry: Setting = { type: 'object', properties, isLayer: true };
  for (const { kind, schema, description } of layerDefinitions.values()) {
    properties[kind] = { ...(schema as Setting), description };
  }
  properties[residual] = {
    ...residualSchema,
    description: residualDescription,
    properties: {
      ...residualSchema.properties,
      layers: { ...residualSchema.properties.layers, items: entry },
      shortcut: { ...entry, description: residualSchema.properties.shortcut.description },
    },
  };
  Object.assign(properties, commonLayerProperties);
  return entry;
}

export function isLayerKind(name: string): boolean {
  return layerDefinitions.has(name) || name === residual;
}

/** What may stand at a path; undefined where nothing is known there. */
export function settingAt(kind: FileKind, path: YamlPath): Setting | undefined {
  let setting: Setting | undefined = roots[kind];
  for (const step of path) {
    if (!setting) return undefined;
    setting = typeof step === 'number' ? itemsOf(setting) : childOf(setting, step);
  }
  return setting;
}

/** The forms that a value can take: most settings have one, `dense: 4` and `dense: { units: 4 }` are two. */
export function formsOf(setting: Setting): readonly Setting[] {
  return setting.oneOf ?? setting.anyOf ?? [setting];
}

export function propertiesOf(setting: Setting): Readonly<Record<string, Setting>> {
  return formsOf(setting).find((form) => form.properties)?.properties ?? {};
}

function itemsOf(setting: Setting): Setting | undefined {
  return formsOf(setting).find((form) => form.items)?.items;
}

function childOf(setting: Setting, name: string): Setting | undefined {
  const properties = propertiesOf(setting);
  if (Object.hasOwn(properties, name)) return properties[name];
  return formsOf(setting)
    .map((form) => form.additionalProperties)
    .find((free) => typeof free === 'object');
}

/** `integer from 1 to 4096`, `relu or none`, or both forms. */
export function valuesText(setting: Setting): string {
  return formsOf(setting).map(formText).filter(Boolean).join(', or ');
}

function formText(form: Setting): string {
  if (form.isLayer) return 'a layer';
  if (form.enum) return form.enum.map((value) => `\`${String(value)}\``).join(' or ');
  if (form.const !== undefined) return `\`${String(form.const)}\``;
  const type = [form.type ?? []].flat().find((name) => name !== 'null');
  return type === undefined ? '' : (typeNames[type] ?? type) + rangeText(form);
}

const typeNames: Readonly<Record<string, string>> = {
  object: 'settings in `{ }`',
  array: 'a list',
  string: 'text',
  boolean: '`true` or `false`',
};

function rangeText({ minimum, exclusiveMinimum, maximum }: Setting): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  const bounds = [
    ...(minimum === undefined ? [] : [`from ${minimum}`]),
    ...(exclusiveMinimum === undefined ? [] : [`above ${exclusiveMinimum}`]),
    ...(maximum === undefined ? [] : [`up to ${maximum}`]),
  ];
  return bounds.map((bound) => ` ${bound}`).join('');
}

/** Markdown for hover and completion. */
export function settingMarkdown(name: string, setting: Setting): string {
  const values = valuesText(setting);
  const lines = [`**${name}**${values && `: ${values}`}`];
  if (setting.description) lines.push(setting.description);
  if (setting.default !== undefined) lines.push(`Default: \`${String(setting.default)}\``);
  return lines.join('\n\n');
}
