import type { LayerBinding } from '../engine/binding.ts';
import type { NetworkLayer } from '../model/network.ts';
import { addBinding } from './add/train.ts';
import { averagePoolBinding } from './average-pool/train.ts';
import { batchNormBinding } from './batch-norm/train.ts';
import { channelScaleBinding } from './channel-scale/train.ts';
import { conv1dBinding } from './conv1d/train.ts';
import { denseBinding } from './dense/train.ts';
import { dropoutBinding } from './dropout/train.ts';
import { fakeQuantiseBinding } from './fake-quantise/train.ts';
import { globalAveragePoolBinding } from './global-average-pool/train.ts';
import { gruBinding } from './gru/train.ts';
import { lstmBinding } from './lstm/train.ts';
import { maxAffineBinding } from './max-affine/train.ts';
import { maxPoolBinding } from './max-pool/train.ts';

/** How the engine computes each layer kind that it can train. */
export const layerBindings: ReadonlyMap<string, (layer: NetworkLayer) => LayerBinding> = new Map([
  ['conv1d', conv1dBinding],
  ['average-pool', averagePoolBinding],
  ['max-pool', maxPoolBinding],
  ['global-average-pool', globalAveragePoolBinding],
  ['gru', gruBinding],
  ['lstm', lstmBinding],
  ['dense', denseBinding],
  ['add', addBinding],
  ['channel-scale', channelScaleBinding],
  ['batch-norm', batchNormBinding],
  ['dropout', dropoutBinding],
  ['max-affine', maxAffineBinding],
  ['fake-quantise', fakeQuantiseBinding],
]);
