import type { LayerLimits } from './definition.ts';

/** Activations that layers apply to their outputs. `none` is the identity. */
export const activationNames = ['relu', 'leaky-relu', 'none'] as const;
export type ActivationName = (typeof activationNames)[number];

/** By its name, or a leaky ReLU with a slope of its own. */
export type Activation = ActivationName | { 'leaky-relu': number };

/** Of a leaky ReLU that says none. */
const usualSlope = 0.125;
/** Bits that a device shifts by instead of multiplying by the slope. */
const mostSlopeShift = 7;

export const activationSchema = {
  oneOf: [
    { type: 'string', enum: activationNames },
    {
      type: 'object',
      additionalProperties: false,
      required: ['leaky-relu'],
      properties: {
        'leaky-relu': {
          type: 'number',
          exclusiveMinimum: 0,
          exclusiveMaximum: 1,
          default: usualSlope,
          description:
            'Factor of negative values. A device takes 1/2, 1/4, 1/8, 1/16, 1/32, 1/64 and 1/128: 0.5, 0.25, 0.125, 0.0625, 0.03125, 0.015625, 0.0078125.',
        },
      },
    },
  ],
  default: 'none',
  description:
    'Applied to each output. `leaky-relu` multiplies negative values by 1/8, `{ leaky-relu: 0.25 }` by 1/4.',
};

export function activationName(activation: Activation): ActivationName {
  return typeof activation === 'object' ? 'leaky-relu' : activation;
}

/** Factor of negative values; undefined for `none`. */
export function negativeSlope(activation: Activation): number | undefined {
  if (typeof activation === 'object') return activation['leaky-relu'];
  if (activation === 'none') return undefined;
  return activation === 'relu' ? 0 : usualSlope;
}

/** k of the slope 2^-k of a leaky ReLU; undefined where it has no such slope, or the activation is another. */
export function slopeShift(activation: Activation): number | undefined {
  if (activationName(activation) !== 'leaky-relu') return undefined;
  const shift = -Math.log2(negativeSlope(activation) ?? 0);
  return Number.isInteger(shift) && shift >= 1 && shift <= mostSlopeShift ? shift : undefined;
}

/** A device multiplies by no other slope than a power of two. */
export function activationLimits(activation: Activation): LayerLimits {
  if (activationName(activation) !== 'leaky-relu' || slopeShift(activation) !== undefined) return {};
  const slope = negativeSlope(activation) ?? 0;
  const nearest = 2 ** -Math.min(mostSlopeShift, Math.max(1, Math.round(-Math.log2(slope))));
  return {
    deployment: `a leaky ReLU with the slope ${slope} cannot be deployed: a device has 1/2, 1/4 and so on to 1/128`,
    advice: `Write \`activation: { leaky-relu: ${nearest} }\` and train again.`,
    setting: 'activation',
  };
}
