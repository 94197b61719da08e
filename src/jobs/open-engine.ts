import { UserError } from '../common/errors.ts';
import type { JobContext } from '../common/job.ts';
import { choiceForResume, engineChoice, type EngineChoice } from '../engine/choice.ts';
import { Engine, type EngineOptions, type TrainingEngine } from '../engine/engine.ts';
import type { Network } from '../model/network.ts';
import { TensorFlowEngine } from '../tensorflow/engine.ts';
import { loadTensorFlow } from '../tensorflow/load.ts';
import type { TensorFlow } from '../tensorflow/tf.ts';

export interface EngineRequest extends Omit<EngineOptions, 'kernels'> {
  /** Default: what `ECG_ENGINE` says, else the best. */
  engine: EngineChoice | undefined;
  /** Identity of the engine that trained the run so far: its like is preferred. Empty: none did. */
  before?: string;
}

/**
 * The engine that is chosen; the built-in one where TensorFlow is not there, with a line in the log that says why. Throws a
 * UserError where the chosen one cannot be had, or cannot compute the network.
 */
export async function openEngine(
  network: Network,
  { engine: asked = engineChoice(), before = '', ...options }: EngineRequest,
  context: JobContext,
): Promise<TrainingEngine> {
  const preferred = choiceForResume(asked, before);
  try {
    return await create(network, options, preferred, context);
  } catch (error) {
    if (preferred === asked || !(error instanceof UserError)) throw error;
    context.log(`The engine that the run was started with cannot be had: ${error.message}`);
    return create(network, options, asked, context);
  }
}

async function create(
  network: Network,
  options: Omit<EngineOptions, 'kernels'>,
  choice: EngineChoice,
  context: JobContext,
): Promise<TrainingEngine> {
  if (choice !== 'tensorflow') return Engine.create(network, { ...options, kernels: choice });
  let tensorFlow: TensorFlow;
  try {
    tensorFlow = loadTensorFlow();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    context.log(`${error.describe()}\nGoing on with the built-in engine.`);
    return Engine.create(network, { ...options, kernels: 'auto', fallback: error.message });
  }
  return new TensorFlowEngine(network, options, tensorFlow);
}
