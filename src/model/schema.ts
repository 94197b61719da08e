import { activationSchema } from '../layers/activation.ts';
import { layerDefinitions } from '../layers/shapes.ts';
import { trainingSchema } from './training-schema.ts';

const positive = { type: 'integer', minimum: 1 };
const bytes = { type: 'string', pattern: '^\\d+(\\.\\d+)?\\s*(B|kB|MB|KiB|MiB)$' };
const format = { type: 'string', pattern: '^Q\\d{1,2}\\.\\d{1,2}$' };

/** Values of `quantization.aware`. */
export const awareness = ['no', 'fixed-ranges', 'learned-ranges'] as const;

/** What any entry of a list of layers may say beside its kind. */
export const commonLayerProperties = {
  name: {
    type: 'string',
    pattern: '^[A-Za-z_][A-Za-z0-9_.-]{0,63}$',
    description:
      'Name of the layer, for `from` and in weights files. Default: its kind and a number, as `conv1d-1`.',
  },
  from: {
    type: 'array',
    minItems: 1,
    maxItems: 16,
    items: { type: 'string' },
    description:
      'Names of the layers that it reads, `input` for the window itself. Default: the layer before it.',
  },
  frozen: { type: 'boolean', default: false, description: 'Training leaves its parameters as they are.' },
  'initialise-from': {
    type: 'string',
    pattern: '^teacher\\.[A-Za-z_][A-Za-z0-9_.-]{0,63}$',
    description:
      'Layer of the teacher, of the same shape, whose parameters it starts with, as `teacher.dense-1`.',
  },
} as const;

export const residualDescription = 'Layers around which the input is added to the output.';

/** The value of a `residual` block; its layers are checked where they stand. */
export const residualSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['layers'],
  properties: {
    layers: {
      type: 'array',
      minItems: 1,
      items: { type: ['object', 'string'] },
      description: 'The layers that the input also goes around, in order.',
    },
    shortcut: {
      type: ['object', 'string'],
      description:
        'Layer that brings the input to the shape of the output, as `{ conv1d: { filters: 8, kernel: 1 } }`.',
    },
    activation: { ...activationSchema, description: 'Applied to the sum.' },
  },
} as const;

/** Everything of a model file but what stands inside a layer; each layer is checked by its own kind's schema. */
export const modelFileSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['version', 'name', 'input', 'classes', 'layers'],
  properties: {
    version: { const: 1, description: 'Version of the file format.' },
    name: {
      type: 'string',
      pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$',
      description: 'Name of the network, in runs, reports and firmware.',
    },
    description: { type: 'string', description: 'For people.' },
    input: {
      type: 'object',
      additionalProperties: false,
      required: ['rate', 'window', 'hop'],
      description: 'How a recording becomes windows.',
      properties: {
        rate: {
          type: 'number',
          minimum: 10,
          maximum: 10_000,
          description: 'Hz to which recordings are resampled.',
        },
        window: { ...positive, maximum: 100_000, description: 'Samples of a window.' },
        hop: { ...positive, maximum: 100_000, description: "Samples from one window's start to the next." },
        filter: {
          type: 'object',
          additionalProperties: false,
          required: ['band'],
          description: 'Butterworth band-pass before the windows are cut.',
          properties: {
            band: {
              type: 'array',
              minItems: 2,
              maxItems: 2,
              items: { type: 'number', exclusiveMinimum: 0 },
              description: 'Pass band in Hz, `[low, high]`; high below half the rate.',
            },
            order: {
              type: 'integer',
              minimum: 1,
              maximum: 8,
              default: 2,
              description: 'Order of the prototype; the band-pass has twice as many poles.',
            },
            'zero-phase': {
              type: 'boolean',
              default: false,
              description:
                'Forward and backward, to reproduce papers. Cannot be deployed: it looks into the future.',
            },
          },
        },
        scale: {
          enum: ['training-sd', 'record-sd', 'none'],
          default: 'training-sd',
          description:
            "Divisor of the filtered signal. `training-sd`: one constant, the mean standard deviation of the training records. `record-sd`: each record's own; cannot be deployed. `none`: millivolts.",
        },
      },
    },
    classes: {
      type: 'array',
      minItems: 2,
      maxItems: 256,
      uniqueItems: true,
      items: { type: 'string', minLength: 1, maxLength: 64 },
      description: 'Classes in the order of the logits; the last layer gives a value for each.',
    },
    layers: {
      type: 'array',
      minItems: 1,
      maxItems: 1000,
      items: { type: ['object', 'string'] },
      description: 'Layers in order; each reads the one before it, or those that it names in `from`.',
    },
    readout: {
      enum: ['last-state', 'mean'],
      default: 'last-state',
      description: "A record's prediction: the softmax at its last window, or the mean over its windows.",
    },
    training: trainingSchema,
    distillation: {
      type: 'object',
      additionalProperties: false,
      description: "Training on a teacher's probabilities.",
      properties: {
        teacher: {
          type: 'string',
          minLength: 1,
          description: "The teacher's model file, relative to this one.",
        },
        temperature: {
          type: 'number',
          exclusiveMinimum: 0,
          maximum: 100,
          default: 1,
          description: 'Softens the probabilities of teacher and student; 1 leaves them as they are.',
        },
        'hard-labels': {
          type: 'number',
          minimum: 0,
          maximum: 1,
          default: 0,
          description: "Weight of the labels' loss; the teacher's probabilities have the rest.",
        },
      },
    },
    quantization: {
      type: 'object',
      additionalProperties: false,
      description: 'Fixed point of the network on the device.',
      properties: {
        weights: {
          anyOf: [{ const: 'per-layer' }, { const: 'per-channel' }, { const: 4 }, format],
          default: 'Q2.5',
          description:
            'Qm.n with m + n of at most 7 for all weights, or `per-layer`: the finest power of two that clips no weight. `per-channel`: the same for each output channel of convolutions and dense layers. `4`: four bits, a power of two for each output channel with the least squared error. Weights of up to four bits are stored two a byte.',
        },
        activations: {
          ...format,
          default: 'Q2.5',
          description: 'Qm.n with m + n = 7 for input and activations.',
        },
        aware: {
          enum: awareness,
          default: 'no',
          description:
            'Training computes as the device does, in quantised weights and activations: `fixed-ranges` in the formats above, `learned-ranges` learns a power of two for the activations of each layer.',
        },
        gates: {
          enum: ['table', 'piecewise-linear'],
          default: 'table',
          description:
            'How the device computes sigmoid and tanh. `table`: from 1 kB of tables, within 0.0004. `piecewise-linear`: from a few straight lines, within 0.019 and 0.038; about 1.6 kB of flash less.',
        },
        state: {
          enum: [8, 16],
          default: 16,
          description: 'Bits that the recurrent state keeps after each window.',
        },
      },
    },
    target: {
      type: 'object',
      additionalProperties: false,
      required: ['board'],
      description: 'The device and its budgets for the network.',
      properties: {
        board: { enum: ['nrf52832'], description: 'nRF52832: 512 KiB of flash, 64 KiB of RAM, 64 MHz.' },
        flash: {
          ...bytes,
          description: 'Most flash that the network may take, as `150 kB`; kB = 1000 bytes.',
        },
        ram: { ...bytes, description: 'Most RAM for state and activations, as `32 kB`; kB = 1000 bytes.' },
        latency: {
          type: 'string',
          pattern: '^\\d+(\\.\\d+)?\\s*(ms|s)$',
          description: 'Longest time for a window, as `60 ms`.',
        },
        'reset-every': {
          ...positive,
          description: 'Windows after which the device clears its state. Default: never.',
        },
      },
    },
  },
} as const;

/** The complete JSON Schema that ships for other editors: the file's schema with every layer kind in place. */
export function publishedModelSchema(): object {
  const oneKind = (kind: string, schema: object, description: string): object => ({
    type: 'object',
    additionalProperties: false,
    required: [kind],
    properties: { [kind]: { ...schema, description }, ...commonLayerProperties },
  });
  const layers = { type: 'array', minItems: 1, items: { $ref: '#/$defs/layer' } };
  const residual = {
    ...residualSchema,
    properties: { ...residualSchema.properties, layers, shortcut: { $ref: '#/$defs/layer' } },
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
          oneKind('residual', residual, residualDescription),
        ],
      },
    },
  };
}

function acceptsNull(schema: object): boolean {
  const { type } = schema as { type?: string | string[] };
  return Array.isArray(type) && type.includes('null');
}
