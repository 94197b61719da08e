import { UserError } from '../common/errors.ts';
import type { JobContext } from '../common/job.ts';
import { choiceForResume, engineChoice, type EngineChoice } from '../engine/choice.ts';
import { Engine, type EngineOptions, type TrainingEngine } from '../engine/engine.ts';
import type { Network } from '../model/network.ts';

export interface EngineRequest extends Omit<EngineOptions, 'kernels'> {
  /** Default: what `ECG_ENGINE` says, else the best. */
  engine: EngineChoice | undefined;
  /** Identity of the engine that trained the run so far: its like is preferred. Empty: none did. */
  before?: string;
}

/** The engine that is chosen. Throws a UserError where it cannot be had. */
export async function openEngine(
  network: Network,
  { engine: asked = engineChoice(), before = '', ...options }: EngineRequest,
  context: JobContext,
): Promise<TrainingEngine> {
  const preferred = choiceForResume(asked, before);
  try {
    return await create(network, options, preferred);
  } catch (error) {
    if (preferred === asked || !(error instanceof UserError)) throw error;
    context.log(`The engine that the run was started with cannot be had: ${error.message}`);
    return create(network, options, asked);
  }
}

function create(
  network: Network,
  options: Omit<EngineOptions, 'kernels'>,
  choice: EngineChoice,
): Promise<TrainingEngine> {
  return Engine.create(network, { ...options, kernels: choice === 'tensorflow' ? 'auto' : choice });
}
