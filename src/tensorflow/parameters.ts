import { initialValues } from '../engine/initialise.ts';
import { checkWeights } from '../engine/parameters.ts';
import {
  parameterName,
  parameterSize,
  type Network,
  type NetworkLayer,
  type Weights,
} from '../model/network.ts';
import type { Tf, Variable } from './tf.ts';

export interface Parameter {
  name: string;
  layer: NetworkLayer;
  floats: number;
  trained: boolean;
  /** Weight decay is for kernels: of one axis are biases and the scales and offsets of normalisation. */
  decays: boolean;
  value: Variable;
  /** Adam's moments; undefined where there is no training. */
  m: Variable | undefined;
  v: Variable | undefined;
}

/** All parameters as variables in their canonical layout, so that weights and moments are the C engine's as they are. */
export class Parameters {
  readonly all: readonly Parameter[];
  readonly #byName: ReadonlyMap<string, Parameter>;

  constructor(tf: Tf, network: Network, training: boolean) {
    this.all = network.layers.flatMap((layer) =>
      layer.parameters.map((spec): Parameter => {
        const zeros = (changes = false) => tf.tidy(() => tf.variable(tf.zeros([...spec.shape]), changes));
        const trained = !layer.frozen && !spec.statistic;
        return {
          name: parameterName(layer, spec),
          layer,
          floats: parameterSize(spec),
          trained,
          decays: spec.shape.length > 1,
          value: zeros(trained),
          m: training ? zeros() : undefined,
          v: training ? zeros() : undefined,
        };
      }),
    );
    this.#byName = new Map(this.all.map((parameter) => [parameter.name, parameter]));
  }

  get(name: string): Parameter {
    const found = this.#byName.get(name);
    if (!found) throw new Error(`no parameter ${name}`);
    return found;
  }

  read(which: 'value' | 'm' | 'v'): Weights {
    return new Map(
      this.all.map((parameter) => [parameter.name, parameter[which]!.dataSync<'float32'>().slice()]),
    );
  }

  /** Throws a UserError, and writes nothing, where a name or a size does not fit. */
  write(tf: Tf, which: 'value' | 'm' | 'v', weights: Weights): void {
    checkWeights(this.all, weights);
    tf.tidy(() => {
      for (const parameter of this.all) {
        const variable = parameter[which]!;
        variable.assign(tf.tensor(weights.get(parameter.name)!.slice(), variable.shape));
      }
    });
  }

  initialise(tf: Tf, network: Network, seed: number): void {
    const weights: Weights = new Map();
    for (const layer of network.layers) {
      for (const spec of layer.parameters) {
        const name = parameterName(layer, spec);
        weights.set(name, initialValues(spec, seed, name));
      }
    }
    this.write(tf, 'value', weights);
  }

  dispose(): void {
    for (const { value, m, v } of this.all) for (const variable of [value, m, v]) variable?.dispose();
  }
}
