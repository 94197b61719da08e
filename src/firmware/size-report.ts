import { countText } from '../common/count-text.ts';
import { tensorBytes, type IntegerTensor } from '../quantization/integer-network.ts';
import { mapOf } from './build.ts';
import type { DeviceBlock, DeviceNetwork } from './device-network.ts';
import { imageRegions, imageSizes, type Region } from './image.ts';
import { readMap, type MapPiece } from './map-file.ts';

/** What takes flash or RAM, in bytes; all exact, from the linked image and the linker's map file. */
export interface SizeRow {
  /** A layer's name, a source file of the runtime, or what it is. */
  what: string;
  /** `runtime`: what layers share. */
  kind: 'layer' | 'runtime' | 'front end' | 'rest';
  flash: number;
  /** Of the flash. */
  code: number;
  /** Of the flash: weights and biases, packed as the kernel reads them. */
  weights: number;
  /** Of the flash all else: tables, descriptors, texts. */
  tables: number;
  /** RAM that is its own: a recurrent state. */
  ram: number;
  /** RAM that a layer works in while it runs: inputs, output and scratch, in the arena that layers share, a row of its own. */
  arena: number;
  /** Layers that a source of the runtime is the kernel of. */
  kernelOf: string[];
}

export interface SizeReport {
  rows: SizeRow[];
  flash: number;
  ram: number;
}

/** The same with what has changed since the build before. */
export interface SizeChange extends SizeReport {
  /** By `what`: bytes more than before; a row that has gone is one of 0 bytes. undefined: there was no build before. */
  changes: Record<string, { flash: number; ram: number }> | undefined;
}

/** Flash and RAM of an image by layer, source of the runtime, front end and the rest; rows sum to the image's sizes. */
export function sizeReport(elf: string, { blocks, stateBytes }: DeviceNetwork): SizeReport {
  const sizes = imageSizes(elf);
  const regions = imageRegions(elf);
  const pieces = readMap(mapOf(elf));
  const inFlash = pieces.filter(({ section }) => /^\.(text|rodata)/.test(section));
  const ofNetwork = inFlash.filter((piece) => isIn(piece, regions.network));
  const layers = blocks.map((block, i) => layerRow(block, stateBytes, constantsOf(i, ofNetwork)));
  const shared = runtimeRows(blocks, ofNetwork);
  const frontEnd = inFlash.filter((piece) => isIn(piece, regions.frontEnd));
  const rest = inFlash.filter((piece) => !isIn(piece, regions.network) && !isIn(piece, regions.frontEnd));
  const states = sum(layers, 'ram');
  const rows: SizeRow[] = [
    ...layers,
    ...shared,
    row('arena that the layers share', 'runtime', { ram: sizes.ramBytes - states }),
    // Functions and tables begin at multiples of 2 to 8 bytes.
    row('alignment', 'runtime', { flash: sizes.flashBytes - sum(layers, 'flash') - sum(shared, 'flash') }),
    row('front end', 'front end', {
      flash: sizes.frontEndFlashBytes,
      code: codeBytes(frontEnd),
      ram: sizes.frontEndRamBytes,
    }),
    row('rest of the image, without stack', 'rest', {
      flash: sizes.imageFlashBytes - sizes.flashBytes - sizes.frontEndFlashBytes,
      code: codeBytes(rest),
      ram: sizes.imageRamBytes - sizes.ramBytes - sizes.frontEndRamBytes,
    }),
  ];
  return { rows, flash: sizes.imageFlashBytes, ram: sizes.imageRamBytes };
}

type RowBytes = Partial<Pick<SizeRow, 'flash' | 'code' | 'weights' | 'ram' | 'arena' | 'kernelOf'>>;

function row(what: string, kind: SizeRow['kind'], given: RowBytes): SizeRow {
  const { flash = 0, code = 0, weights = 0, ram = 0, arena = 0, kernelOf = [] } = given;
  return { what, kind, flash, code, weights, tables: flash - code - weights, ram, arena, kernelOf };
}

/** A block's constants have sections `.rodata.blockN_weights` and so on. */
function constantsOf(index: number, pieces: readonly MapPiece[]): MapPiece[] {
  return pieces.filter(({ section }) => section.startsWith(`.rodata.block${index}_`));
}

function layerRow(block: DeviceBlock, stateBytes: number, constants: readonly MapPiece[]): SizeRow {
  const { layers, kind, inputs, output, cellOffset, scratchBytes } = block;
  const inArena = (tensor: IntegerTensor): number => (tensor.offset < stateBytes ? 0 : tensorBytes(tensor));
  return row(layers.join(', '), 'layer', {
    flash: bytesOf(constants),
    weights: bytesOf(constants.filter(({ section }) => !section.endsWith('_shifts'))),
    // h, and of an LSTM c: int16, kept from window to window.
    ram:
      kind === 'gru' || kind === 'lstm'
        ? 2 * output.channels * (kind === 'lstm' && cellOffset >= 0 ? 2 : 1)
        : 0,
    arena: [...inputs, output].reduce((bytes, tensor) => bytes + inArena(tensor), 0) + scratchBytes,
  });
}

/** What layers share, by source: kernels and their helpers, tables of the gates, the descriptors, the C library's part. */
function runtimeRows(blocks: readonly DeviceBlock[], ofNetwork: readonly MapPiece[]): SizeRow[] {
  const bySource = new Map<string, MapPiece[]>();
  for (const piece of ofNetwork) {
    if (/^\.rodata\.block\d+_/.test(piece.section)) continue;
    const what = runtimeName(piece.source);
    bySource.set(what, [...(bySource.get(what) ?? []), piece]);
  }
  const rows = [...bySource].map(([what, pieces]) => {
    const names = new Set(pieces.map(({ section }) => section));
    const users = blocks.filter(({ run }) => names.has(`.text.${run}`));
    const kernelOf = users.map(({ layers }) => layers.join(', '));
    return row(what, 'runtime', { flash: bytesOf(pieces), code: codeBytes(pieces), kernelOf });
  });
  return rows.sort((a, b) => b.kernelOf.length - a.kernelOf.length || b.flash - a.flash);
}

function runtimeName(source: string): string {
  if (source === 'network.c') return 'descriptors of the layers';
  return source.startsWith('ecg_') ? source : 'C library';
}

function isIn({ address }: MapPiece, { start, end }: Region): boolean {
  return address >= start && address < end;
}

function bytesOf(pieces: readonly MapPiece[]): number {
  return pieces.reduce((bytes, { size }) => bytes + size, 0);
}

function codeBytes(pieces: readonly MapPiece[]): number {
  return bytesOf(pieces.filter(({ section }) => section.startsWith('.text')));
}

function sum(rows: readonly SizeRow[], key: 'flash' | 'ram'): number {
  return rows.reduce((total, one) => total + one[key], 0);
}

/** A report with what has changed since another. */
export function compareSizes(report: SizeReport, before: SizeReport | undefined): SizeChange {
  if (!before) return { ...report, changes: undefined };
  const changes: SizeChange['changes'] = {};
  const old = new Map(before.rows.map((one) => [one.what, one]));
  for (const { what, flash, ram } of report.rows) {
    const was = old.get(what);
    old.delete(what);
    changes[what] = { flash: flash - (was?.flash ?? 0), ram: ram - (was?.ram ?? 0) };
  }
  for (const { what, flash, ram } of old.values()) changes[what] = { flash: 0 - flash, ram: 0 - ram };
  return { ...report, changes };
}

/** What takes most, for a message: `conv-8 (24,704 B), gru-1 (36,994 B)`; of RAM, what a layer keeps and what it works in. */
export function largestLayers({ rows }: SizeReport, what: 'flash' | 'ram', count = 3): string {
  const bytes = ({ flash, ram, arena }: SizeRow): number => (what === 'flash' ? flash : ram + arena);
  return rows
    .filter((one) => (what === 'flash' ? one.kind !== 'rest' : one.kind === 'layer') && bytes(one) > 0)
    .sort((a, b) => bytes(b) - bytes(a))
    .slice(0, count)
    .map((one) => `${one.what} (${countText(bytes(one))} B)`)
    .join(', ');
}
