import * as path from 'node:path';
import type { ValidateFunction } from 'ajv';
import { UserError } from '../common/errors.ts';
import { readFile } from '../common/files.ts';
import { compileSchema, YamlSource, type Diagnostic } from '../common/yaml-source.ts';
import { checkBudgets } from './budget.ts';
import { buildLayers } from './build.ts';
import { reportCapabilities } from './capability.ts';
import type { Network, NetworkLayer } from './network.ts';
import { awareness, modelFileSchema } from './schema.ts';
import { checkTraining, trainingSpec, type TrainingSection } from './training.ts';
import { parseBytes, parseFormat, parseMilliseconds } from './units.ts';

/** The shape that the schema has checked, before defaults. */
interface ModelFile {
  name: string;
  input: {
    rate: number;
    window: number;
    hop: number;
    filter?: { band: [number, number]; order?: number; 'zero-phase'?: boolean };
    scale?: Network['input']['scale'];
  };
  classes: string[];
  layers: unknown[];
  readout?: Network['readout'];
  training?: TrainingSection;
  distillation?: { teacher?: string; temperature?: number; 'hard-labels'?: number };
  quantization?: {
    weights?: string | 4;
    activations?: string;
    gates?: Network['quantization']['gates'];
    state?: 8 | 16;
    aware?: (typeof awareness)[number];
  };
  target?: { board: 'nrf52832'; flash?: string; ram?: string; latency?: string; 'reset-every'?: number };
}

let fileCheck: ValidateFunction | undefined;

/** What a text says, with everything that is wrong with it. */
export interface ParsedModel {
  source: YamlSource;
  diagnostics: readonly Diagnostic[];
  /** undefined where the file has errors other than exceeded budgets. */
  network: Network | undefined;
  /** The layers before the first error, or all. */
  layers: readonly NetworkLayer[];
}

/** Text of a model file → the network, or everything that is wrong with it. Loads no engine. */
export function parseModel(text: string): ParsedModel {
  const source = new YamlSource(text);
  if (source.diagnostics.length > 0) {
    const layers = source.quietly(() => readableLayers(source));
    return { source, diagnostics: source.diagnostics, network: undefined, layers };
  }
  return { source, diagnostics: source.diagnostics, ...fromSource(source) };
}

/** Read and check a model file; the first problem is thrown as a UserError with file and line. */
export function loadModel(file: string): Network {
  return modelFromText(readFile(file).toString('utf8'), file);
}

export function modelFromText(text: string, file: string): Network {
  const { source, network } = parseModel(text);
  source.throwFirstError(file);
  if (!network) throw new UserError('not a model file', { file });
  return network;
}

/** `/a/slim.ecgmodel.yaml` → `/a/slim`, the stem of the files that stand beside a model file. */
export function modelStem(file: string): string {
  return path.join(path.dirname(file), path.basename(file).replace(/\.ecgmodel\.ya?ml$|\.ya?ml$/, ''));
}

function fromSource(source: YamlSource): Pick<ParsedModel, 'network' | 'layers'> {
  fileCheck ??= compileSchema(modelFileSchema);
  if (!source.validate(fileCheck, source.value, [])) {
    return { network: undefined, layers: readableLayers(source) };
  }
  const file = source.value as ModelFile;
  const { rate, window, hop, filter } = file.input;
  if (hop > window)
    source.report(['input', 'hop'], `a hop of ${hop} leaves out samples between windows of ${window}`);
  if (filter && (filter.band[0] >= filter.band[1] || filter.band[1] >= rate / 2)) {
    source.report(
      ['input', 'filter', 'band'],
      `the band must rise and end below half the rate (${rate / 2} Hz)`,
    );
  }
  checkTraining(source, file.training ?? {}, file.classes);
  const before = source.diagnostics.length;
  const layers = buildLayers(source, file.layers, { channels: 1, length: window });
  // Behind an error the last layer is not known.
  if (source.diagnostics.length === before) {
    checkReadout(source, layers, file);
    checkFeatureLoss(source, layers, file);
  }
  if (source.diagnostics.some((d) => d.severity === 'error')) return { network: undefined, layers };
  const network = withDefaults(file, layers);
  checkBudgets(source, network);
  reportCapabilities(source, network);
  return { network, layers };
}

/** The layers of a text whose rest is not valid, so far as window and layers are there. What is wrong with them is reported. */
function readableLayers(source: YamlSource): NetworkLayer[] {
  const file = source.value as { input?: { window?: unknown }; layers?: unknown } | null | undefined;
  const window = file?.input?.window;
  const { maximum } = modelFileSchema.properties.input.properties.window;
  if (!Number.isInteger(window) || (window as number) < 1 || (window as number) > maximum) return [];
  if (!Array.isArray(file?.layers)) return [];
  const entries = (file.layers as unknown[]).slice(0, modelFileSchema.properties.layers.maxItems);
  return buildLayers(source, entries, { channels: 1, length: window as number });
}

function checkReadout(source: YamlSource, layers: readonly NetworkLayer[], file: ModelFile): void {
  const last = layers.at(-1);
  if (!last) return;
  if (last.shape.length !== 1 || last.shape.channels !== file.classes.length) {
    source.report(
      ['layers', file.layers.length - 1],
      `the last layer gives ${last.shape.channels}×${last.shape.length} values a window, but there are ${file.classes.length} classes`,
      { layer: last.name, advice: `End with \`dense: ${file.classes.length}\`.` },
    );
  }
}

function checkFeatureLoss(source: YamlSource, layers: readonly NetworkLayer[], file: ModelFile): void {
  const loss = file.training?.loss;
  if (typeof loss !== 'object') return;
  const layer = layers.find(({ name }) => name === loss.at);
  const path = ['training', 'loss', 'at'];
  if (!layer) {
    source.report(path, `there is no layer \`${loss.at}\``, {
      advice: `Known: ${layers.map(({ name }) => name).join(', ')}.`,
    });
  } else if (layer.shape.length !== 1) {
    source.report(
      path,
      `\`${loss.at}\` gives ${layer.shape.length} positions; a layer of length 1 is needed`,
    );
  } else if (file.readout === 'mean') {
    source.report(['readout'], 'a loss at a layer compares the last window: it needs `last-state`');
  }
}

function withDefaults(file: ModelFile, layers: readonly NetworkLayer[]): Network {
  const { filter } = file.input;
  const target = file.target;
  const quantization = file.quantization ?? {};
  const sum = (of: (layer: NetworkLayer) => number): number =>
    layers.reduce((total, layer) => total + of(layer), 0);
  return {
    name: file.name,
    input: {
      rate: file.input.rate,
      window: file.input.window,
      hop: file.input.hop,
      filter: filter && {
        band: filter.band,
        order: filter.order ?? 2,
        zeroPhase: filter['zero-phase'] ?? false,
      },
      scale: file.input.scale ?? 'training-sd',
    },
    classes: file.classes,
    layers,
    readout: file.readout ?? 'last-state',
    training: trainingSpec(file.training ?? {}, file.classes),
    distillation: {
      teacher: file.distillation?.teacher,
      temperature: file.distillation?.temperature ?? 1,
      hardLabels: file.distillation?.['hard-labels'] ?? 0,
    },
    quantization: {
      weights: weightFormat(quantization.weights),
      activations: requireFormat(quantization.activations),
      aware: quantization.aware !== undefined && quantization.aware !== 'no',
      learned: quantization.aware === 'learned-ranges',
      gates: quantization.gates ?? 'table',
      state: quantization.state ?? 16,
    },
    target: {
      board: 'nrf52832',
      flash: target?.flash ? parseBytes(target.flash) : undefined,
      ram: target?.ram ? parseBytes(target.ram) : undefined,
      latency: target?.latency ? parseMilliseconds(target.latency) : undefined,
      resetEvery: target?.['reset-every'],
    },
    parameterCount: sum((layer) =>
      layer.parameters.reduce((total, p) => total + p.shape.reduce((product, n) => product * n, 1), 0),
    ),
    macs: sum((layer) => layer.cost.macs),
    operations: sum((layer) => layer.cost.operations),
  };
}

/** The schema has checked the text; absent means the papers' Q2.5. */
function requireFormat(text: string | undefined): Network['quantization']['activations'] {
  return (text === undefined ? undefined : parseFormat(text)) ?? { integer: 2, fraction: 5 };
}

function weightFormat(value: string | 4 | undefined): Network['quantization']['weights'] {
  return value === 4 || value === 'per-layer' || value === 'per-channel' ? value : requireFormat(value);
}
