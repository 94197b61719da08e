/** Activations that layers apply to their outputs. `none` is the identity. */
export const activationNames = ['relu', 'leaky-relu', 'none'] as const;
export type Activation = (typeof activationNames)[number];

/** Below zero a leaky ReLU multiplies by a power of two, so that a device can shift. */
const leakySlope = 0.125;

export const activationSchema = {
  enum: activationNames,
  default: 'none',
  description: 'Applied to each output. `leaky-relu` multiplies negative values by 1/8.',
};

/** Factor of negative values; undefined for `none`. */
export function negativeSlope(activation: Activation): number | undefined {
  if (activation === 'none') return undefined;
  return activation === 'relu' ? 0 : leakySlope;
}
