/** Of the settings that a model file leaves out. */
export const augmentationDefaults = {
  /** As the teacher's authors: Van Zaen et al. 2019. */
  stretch: { probability: 0.8, range: 0.05 },
  wander: { probability: 0.5, frequency: [0.05, 0.5] },
  noise: { probability: 0.5, snr: [5, 25] },
  leadOff: { probability: 0.1, seconds: [0.5, 3] },
} as const;

const share = { type: 'number', minimum: 0, maximum: 1 } as const;
const { stretch, wander, noise, leadOff } = augmentationDefaults;

const probability = (preset: number): object => ({
  ...share,
  default: preset,
  description: 'Share of the records, drawn anew each epoch.',
});

const range = (limits: object, description: string, [low, high]: readonly [number, number]): object => ({
  type: 'array',
  minItems: 2,
  maxItems: 2,
  items: { type: 'number', ...limits },
  description: `${description} Default: \`[${low}, ${high}]\`.`,
});

/** The value of `training.augmentation` in a model file. */
export const augmentationSchema = {
  type: 'object',
  additionalProperties: false,
  description:
    'Changes to the training records, drawn anew each epoch, after filter and scale at the rate of the model. They depend on seed, epoch and record alone.',
  properties: {
    'sign-flip': { ...share, description: 'Share of the records whose sign is turned around.' },
    offset: {
      type: 'boolean',
      description: 'Leave out up to one hop of first samples, as long as a window remains.',
    },
    stretch: {
      type: 'object',
      additionalProperties: false,
      description: 'Play a record faster or slower: cubic interpolation to another length.',
      properties: {
        probability: probability(stretch.probability),
        range: {
          type: 'number',
          exclusiveMinimum: 0,
          maximum: 0.5,
          default: stretch.range,
          description: 'Largest change of the length, as a share of it; uniform from minus to plus this.',
        },
      },
    },
    gain: {
      type: 'number',
      exclusiveMinimum: 0,
      exclusiveMaximum: 1,
      description: 'Multiply by a factor between 1 - this and 1 + this.',
    },
    'baseline-wander': {
      type: 'object',
      additionalProperties: false,
      required: ['amplitude'],
      description: 'Add a slow sine: what the filter leaves of breathing and movement.',
      properties: {
        amplitude: {
          type: 'number',
          exclusiveMinimum: 0,
          maximum: 100,
          description: 'Largest amplitude behind the filter, in mV; uniform from 0 to this.',
        },
        probability: probability(wander.probability),
        frequency: range({ exclusiveMinimum: 0 }, 'Hz, `[low, high]`.', wander.frequency),
      },
    },
    noise: {
      type: 'object',
      additionalProperties: false,
      required: ['records'],
      description: 'Add recorded noise from a place of its own in it, filtered as the records are.',
      properties: {
        records: {
          type: 'string',
          minLength: 1,
          description:
            'A WFDB record of noise (as `em` of the MIT-BIH Noise Stress Test Database), or a folder or zip of such, relative to this file. Each lead is a source.',
        },
        probability: probability(noise.probability),
        snr: range(
          { minimum: -40, maximum: 100 },
          'Power of the record over power of the noise in dB, `[low, high]`.',
          noise.snr,
        ),
      },
    },
    'lead-off': {
      type: 'object',
      additionalProperties: false,
      description: 'A stretch of the record is flat, as without contact.',
      properties: {
        probability: probability(leadOff.probability),
        seconds: range({ exclusiveMinimum: 0 }, 'How long, `[low, high]`.', leadOff.seconds),
      },
    },
  },
} as const;
