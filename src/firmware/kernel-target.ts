/**
 * What kernels are chosen for. `speed`: the fewest instructions. `balanced`: the fewest that need no larger tables than
 * the weights as they are. `portable`: the C99 kernels that the host runs too.
 */
export const kernelTargets = ['speed', 'balanced', 'portable'] as const;
export type KernelTarget = (typeof kernelTargets)[number];
