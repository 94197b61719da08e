import * as path from 'node:path';
import { UserError } from '../common/errors.ts';
import { readFile, readJson, writeFileAtomic, writeJsonAtomic } from '../common/files.ts';
import { decodeSafetensors, encodeSafetensors, type Tensor } from '../common/safetensors.ts';
import {
  blockArrays,
  networkHash,
  networkStructure,
  type IntegerBlock,
  type IntegerNetwork,
} from './integer-network.ts';

const structureFile = 'network.json';
const arraysFile = 'weights.safetensors';
const formatVersion = 1;

interface StoredNetwork extends Omit<IntegerNetwork, 'blocks'> {
  version: number;
  blocks: IntegerBlock[];
}

/** Write `network.json` and `weights.safetensors`; the structure last, so that a folder with it is whole. */
export function saveIntegerNetwork(folder: string, network: IntegerNetwork): void {
  const tensors = new Map<string, Tensor>();
  for (const block of network.blocks) {
    for (const name of blockArrays) {
      const data = block[name];
      if (!data) continue;
      const dtype = data instanceof Int8Array ? 'I8' : 'I16';
      tensors.set(`${block.name}/${name}`, { dtype, shape: [data.length], data });
    }
  }
  writeFileAtomic(path.join(folder, arraysFile), encodeSafetensors(tensors, { hash: network.hash }));
  writeJsonAtomic(path.join(folder, structureFile), {
    version: formatVersion,
    hash: network.hash,
    ...networkStructure(network),
  });
}

/** Read what `saveIntegerNetwork` wrote. Throws a UserError where a file is missing, damaged or of another network. */
export function loadIntegerNetwork(folder: string): IntegerNetwork {
  const file = path.join(folder, structureFile);
  const { version, ...stored } = readJson(file) as StoredNetwork;
  if (version !== formatVersion || !Array.isArray(stored.blocks)) {
    throw new UserError('not a quantised network of this version', { file }, 'Quantise the model again.');
  }
  const weightsFile = path.join(folder, arraysFile);
  const { tensors } = decodeSafetensors(readFile(weightsFile), weightsFile);
  const blocks = stored.blocks.map((block): IntegerBlock => {
    const whole = { ...block };
    for (const name of blockArrays) {
      const data = tensors.get(`${block.name}/${name}`)?.data;
      Object.assign(whole, { [name]: data });
    }
    return whole;
  });
  // The order of keys is part of what is hashed: the file keeps it.
  const network: IntegerNetwork = { ...stored, resetEvery: stored.resetEvery, blocks };
  if (networkHash(network) !== stored.hash) {
    throw new UserError(
      'the quantised network does not match its hash: network.json or weights.safetensors was changed',
      { file: folder },
      'Quantise the model again.',
    );
  }
  return network;
}
