import { layerDefinitions } from '../layers/shapes.ts';

const positive = { type: 'integer', minimum: 1 };
const bytes = {
  type: 'string',
  pattern: '^\\d+(\\.\\d+)?\\s*(B|kB|MB|KiB|MiB)$',
  description: 'Bytes, as `150 kB`.',
};
const format = { type: 'string', pattern: '^Q\\d{1,2}\\.\\d{1,2}$', description: 'Fixed point, as `Q2.5`.' };

/** Everything of a model file but what stands inside a layer; each layer is checked by its own kind's schema. */
export const modelFileSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['version', 'name', 'input', 'classes', 'layers'],
  properties: {
    version: { const: 1 },
    name: { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$' },
    description: { type: 'string' },
    input: {
      type: 'object',
      additionalProperties: false,
      required: ['rate', 'window', 'hop'],
      properties: {
        rate: { type: 'number', minimum: 10, maximum: 10_000, description: 'Hz.' },
        window: { ...positive, maximum: 100_000, description: 'Samples of a window.' },
        hop: { ...positive, maximum: 100_000, description: "Samples from one window's start to the next." },
        filter: {
          type: 'object',
          additionalProperties: false,
          required: ['band'],
          properties: {
            band: { type: 'array', minItems: 2, maxItems: 2, items: { type: 'number', exclusiveMinimum: 0 } },
            order: { type: 'integer', minimum: 1, maximum: 8, default: 2 },
            'zero-phase': { type: 'boolean', default: false },
          },
        },
        scale: { enum: ['training-sd', 'record-sd', 'none'], default: 'training-sd' },
      },
    },
    classes: {
      type: 'array',
      minItems: 2,
      maxItems: 256,
      uniqueItems: true,
      items: { type: 'string', minLength: 1, maxLength: 64 },
    },
    layers: { type: 'array', minItems: 1, maxItems: 1000, items: { type: ['object', 'string'] } },
    readout: { enum: ['last-state', 'mean'], default: 'last-state' },
    training: {
      type: 'object',
      additionalProperties: false,
      properties: {
        epochs: { ...positive, maximum: 100_000 },
        batch: { ...positive, maximum: 4096 },
        optimizer: {
          type: 'object',
          additionalProperties: false,
          required: ['adam'],
          properties: { adam: { type: 'number', exclusiveMinimum: 0, maximum: 1 } },
        },
        schedule: { enum: ['constant', 'cosine'] },
        loss: { enum: ['cross-entropy'] },
        select: { enum: ['validation-f1', 'validation-loss'] },
      },
    },
    distillation: {
      type: 'object',
      additionalProperties: false,
      properties: {
        teacher: { type: 'string', minLength: 1 },
        temperature: { type: 'number', exclusiveMinimum: 0, maximum: 100 },
        'hard-labels': { type: 'number', minimum: 0, maximum: 1 },
      },
    },
    quantization: {
      type: 'object',
      additionalProperties: false,
      properties: {
        weights: { anyOf: [{ const: 'per-layer' }, format] },
        activations: format,
        state: { enum: [8, 16] },
      },
    },
    target: {
      type: 'object',
      additionalProperties: false,
      required: ['board'],
      properties: {
        board: { enum: ['nrf52832'] },
        flash: bytes,
        ram: bytes,
        latency: { type: 'string', pattern: '^\\d+(\\.\\d+)?\\s*(ms|s)$' },
        'reset-every': positive,
      },
    },
  },
} as const;

/** The complete JSON Schema that ships for other editors: the file's schema with every layer kind in place. */
export function publishedModelSchema(): object {
  const common = {
    name: { type: 'string' },
    from: { type: 'array', items: { type: 'string' } },
    frozen: { type: 'boolean' },
  };
  const oneKind = (kind: string, schema: object, description: string): object => ({
    type: 'object',
    additionalProperties: false,
    required: [kind],
    properties: { [kind]: { ...schema, description }, ...common },
  });
  const layers = { type: 'array', minItems: 1, items: { $ref: '#/$defs/layer' } };
  const residual = {
    type: 'object',
    additionalProperties: false,
    required: ['layers'],
    properties: { layers, shortcut: { $ref: '#/$defs/layer' }, activation: { enum: ['relu', 'none'] } },
  };
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'ECG Studio model file',
    ...modelFileSchema,
    properties: { ...modelFileSchema.properties, layers },
    $defs: {
      layer: {
        anyOf: [
          { enum: [...layerDefinitions.values()].filter((d) => acceptsNull(d.schema)).map((d) => d.kind) },
          ...[...layerDefinitions.values()].map((d) => oneKind(d.kind, d.schema, d.description)),
          oneKind('residual', residual, 'Layers around which the input is added to the output.'),
        ],
      },
    },
  };
}

function acceptsNull(schema: object): boolean {
  const { type } = schema as { type?: string | string[] };
  return Array.isArray(type) && type.includes('null');
}
