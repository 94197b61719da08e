import { quantiserName, rangeParameter, type FakeQuantiseOptions } from '../layers/fake-quantise/shape.ts';
import { fusedPool, readsState } from './deployed.ts';
import type { Network, NetworkLayer } from './network.ts';

/**
 * The network as it is trained: where its quantisation is aware, a layer that rounds stands behind the input and behind every
 * layer whose values are 8-bit activations on the device. What a convolution gives to the pool that is fused with it is
 * not rounded there, nor are logits, nor states where their reader takes 16 bits.
 */
export function trainedNetwork(network: Network): Network {
  const { aware, learned, activations } = network.quantization;
  if (!aware) return network;
  const range = activations.integer;
  // The front end gives the network its input in the model file's format.
  const input = {
    name: 'input',
    shape: { channels: 1, length: network.input.window },
    frozen: false,
    initialiseFrom: undefined,
    line: 1,
    path: ['input'],
    keyword: 'input',
  };
  const layers: NetworkLayer[] = [quantiser(input, 0, -1, { learned: false, range })];
  /** Where readers of a layer (-1: of the input) find its values now. */
  const places = new Map<number, number>([[-1, 0]]);
  /** The same of recurrent layers, for readers that do not read 16 bits. */
  const rounded = new Map<number, number>();
  const options: FakeQuantiseOptions = { learned, range };
  /** Behind a recurrent layer, whose values are below 1: Q0.7. */
  const roundedState = (index: number): number => {
    const source = network.layers[index];
    if (source?.scope !== 'sequence') return places.get(index)!;
    if (!rounded.has(index)) {
      rounded.set(index, layers.length);
      layers.push(quantiser(source, layers.length, places.get(index)!, { learned: false, range: 0 }));
    }
    return rounded.get(index)!;
  };
  for (const layer of network.layers) {
    const from = layer.from.map((i) => (readsState(layer) ? places.get(i)! : roundedState(i)));
    const index = layers.length;
    layers.push({ ...layer, from, index, options: exactOptions(layer) });
    places.set(layer.index, index);
    if (!isRounded(network, layer)) continue;
    layers.push(quantiser(layer, index + 1, index, options));
    places.set(layer.index, index + 1);
  }
  return { ...network, layers };
}

function isRounded(network: Network, layer: NetworkLayer): boolean {
  const isLogits = layer.index === network.layers.length - 1 && layer.kind === 'dense';
  return !isLogits && layer.scope === 'window' && layer.kind !== 'dropout' && !fusedPool(network, layer);
}

function quantiser(
  source: Pick<NetworkLayer, 'name' | 'shape' | 'frozen' | 'initialiseFrom' | 'line' | 'path' | 'keyword'>,
  index: number,
  from: number,
  options: FakeQuantiseOptions,
): NetworkLayer<FakeQuantiseOptions> {
  return {
    ...source,
    index,
    name: quantiserName(source.name),
    kind: 'fake-quantise',
    options,
    from: [from],
    scope: 'window',
    inputShapes: [source.shape],
    parameters: [rangeParameter(options)],
    cost: { macs: 0, operations: 0 },
  };
}

/** Convolutions whose sums are those of a device, not only nearly so. */
function exactOptions({ kind, options }: NetworkLayer): unknown {
  return kind === 'conv1d' ? { ...(options as object), exact: true } : options;
}
