import * as fs from 'node:fs';
import { UserError } from '../common/errors.ts';
import { readNetwork } from '../quantization/descriptor.ts';
import { ElfImage } from './elf.ts';

/** Sizes of an image by the boundary symbols of its linker script, in bytes. */
export interface ImageSizes {
  /** Of the network alone: runtime code, weights, tables and descriptors. */
  flashBytes: number;
  /** Of the network alone: state and arena. */
  ramBytes: number;
  /** Of the whole image, without the stack. */
  imageFlashBytes: number;
  imageRamBytes: number;
  /** Of the front end; 0 where the firmware has none. */
  frontEndFlashBytes: number;
  frontEndRamBytes: number;
}

export function imageSizes(elf: string): ImageSizes {
  const image = new ElfImage(elf);
  const at = (name: string) => image.symbol(name).address;
  return {
    flashBytes: at('__network_flash_end') - at('__network_flash_start'),
    ramBytes: at('__network_ram_end') - at('__network_ram_start'),
    imageFlashBytes: at('__image_flash_end') - at('__image_flash_start'),
    imageRamBytes: at('__image_ram_end') - at('__image_ram_start'),
    frontEndFlashBytes: at('__front_end_flash_end') - at('__front_end_flash_start'),
    frontEndRamBytes:
      at('__front_end_ram_end') -
      at('__front_end_ram_start') +
      at('__front_end_data_end') -
      at('__front_end_data_start'),
  };
}

/** Addresses, the end not part of it. */
export interface Region {
  start: number;
  end: number;
}

/** Where in flash the network and the front end stand, by the same symbols. */
export function imageRegions(elf: string): Record<'network' | 'frontEnd', Region> {
  const image = new ElfImage(elf);
  const region = (name: string): Region => ({
    start: image.symbol(`__${name}_start`).address,
    end: image.symbol(`__${name}_end`).address,
  });
  return { network: region('network_flash'), frontEnd: region('front_end_flash') };
}

/** What an image says of the network in it. */
export interface ImageNetwork {
  hash: string;
  blocks: number;
  /** Samples of a window. */
  samples: number;
  logits: number;
  /** int16 values of the recurrent states. */
  states: number;
}

/** Read from the descriptor `ecg_model` in the image. */
export function imageNetwork(elf: string): ImageNetwork {
  if (!fs.existsSync(elf)) {
    throw new UserError('no built firmware', { file: elf }, 'Run `ecg firmware build` first.');
  }
  const bytes = new ElfImage(elf).content('ecg_model');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { hash, blockCount, input, logits, stateBytes } = readNetwork(view, 0);
  return {
    hash,
    blocks: blockCount,
    samples: input.channels * input.length,
    logits: logits.channels * logits.length,
    states: stateBytes / 2,
  };
}
