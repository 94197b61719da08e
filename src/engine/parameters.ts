import { UserError } from '../common/errors.ts';
import type { Weights } from '../model/network.ts';
import { FLOAT, type Address } from './kernels.ts';
import type { Plan, PlannedParameter } from './plan.ts';

/** Copies of all parameters, or of as many moments or gradients, in their canonical order. */
export function readParameters(plan: Plan, memory: WebAssembly.Memory, base: Address): Weights {
  const floats = new Float32Array(memory.buffer);
  const weights: Weights = new Map();
  for (const parameter of plan.parameters) {
    const values = new Float32Array(parameter.floats);
    const at = base / FLOAT + parameter.offset;
    const { order } = parameter;
    if (order) {
      for (let i = 0; i < order.length; i++) if (order[i] >= 0) values[order[i]] = floats[at + i];
    } else values.set(floats.subarray(at, at + parameter.floats));
    weights.set(parameter.name, values);
  }
  return weights;
}

/** Copy into the engine; throws a UserError, and writes nothing, where a name or a size does not fit the network. */
export function writeParameters(
  plan: Plan,
  memory: WebAssembly.Memory,
  base: Address,
  weights: Weights,
): void {
  checkWeights(plan.parameters, weights);
  const floats = new Float32Array(memory.buffer);
  for (const { name, offset, order } of plan.parameters) {
    const values = weights.get(name)!;
    const at = base / FLOAT + offset;
    if (order) for (let i = 0; i < order.length; i++) floats[at + i] = order[i] < 0 ? 0 : values[order[i]];
    else floats.set(values, at);
  }
}

/** Throws a UserError where a name or a size does not fit the network. */
export function checkWeights(
  parameters: readonly Pick<PlannedParameter, 'name' | 'floats' | 'layer'>[],
  weights: Weights,
): void {
  const advice = 'Use weights that were trained with this model file.';
  for (const { name, floats, layer } of parameters) {
    const values = weights.get(name);
    const place = { layer: layer.name };
    if (!values) throw new UserError(`the weights have no ${name}`, place, advice);
    if (values.length !== floats) {
      throw new UserError(`${name} has ${values.length} values, the network needs ${floats}`, place, advice);
    }
  }
  const known = new Set(parameters.map(({ name }) => name));
  for (const name of weights.keys()) {
    if (!known.has(name))
      throw new UserError(`the weights have ${name}, which the network has not`, {}, advice);
  }
}
