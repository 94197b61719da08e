import { UserError } from '../common/errors.ts';

export const instructionSets = ['relaxed-simd', 'simd128', 'avx2', 'avx512', 'neon'] as const;
export type InstructionSet = (typeof instructionSets)[number];

/** Which C kernels: the best that there are, or one kind. An instruction set chooses its kind. */
export type KernelChoice = 'auto' | 'native' | 'wasm' | InstructionSet;

/** Which engine: the C kernels, or TensorFlow where the user has installed it. */
export type EngineChoice = KernelChoice | 'tensorflow';

export const engineChoices: readonly EngineChoice[] = [
  ...(['auto', 'native', 'wasm', 'tensorflow'] as const),
  ...instructionSets,
];

/** What `ECG_ENGINE` says; `auto` where it is not set. */
export function engineChoice(): EngineChoice {
  const text = process.env.ECG_ENGINE || 'auto';
  const choice = engineChoices.find((known) => known === text);
  if (choice !== undefined) return choice;
  throw new UserError(
    `ECG_ENGINE is ${text}, which is no engine`,
    {},
    `Set it to one of ${engineChoices.join(', ')}, or not at all.`,
  );
}

/** Whether the same seed and data give the same bits on the engine of this identity. TensorFlow does not promise it. */
export function isReproducible(identity: string): boolean {
  return !identity.startsWith('tensorflow');
}

/**
 * What a run goes on with that was trained by the engine of this identity so far: the same instruction set, where the
 * choice leaves that open, so that the run stays bit-reproducible.
 */
export function choiceForResume(choice: EngineChoice, identity: string): EngineChoice {
  const [kind, name] = identity.split(' ');
  if (choice !== 'auto' && choice !== kind) return choice;
  return kind === 'tensorflow' ? kind : (instructionSets.find((set) => set === name) ?? choice);
}
