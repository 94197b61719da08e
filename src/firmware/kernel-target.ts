/**
 * What kernels are chosen for. `speed`: the fewest instructions. `budget`: the fewest for which there is flash.
 * `balanced`: the fewest that need no larger tables than the weights as they are. `flash`: the smallest tables.
 * `portable`: the C99 kernels that the host runs too.
 */
export const kernelTargets = ['speed', 'budget', 'balanced', 'flash', 'portable'] as const;
export type KernelTarget = (typeof kernelTargets)[number];
