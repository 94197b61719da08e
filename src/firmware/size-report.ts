import * as fs from 'node:fs';
import * as path from 'node:path';
import { writeJsonAtomic } from '../common/files.ts';
import type { IntegerNetwork } from '../quantization/integer-network.ts';
import { ElfImage } from './elf.ts';
import { imageSizes } from './image.ts';

/** What takes flash or RAM, in bytes; all exact, from the linked image. */
export interface SizeRow {
  /** A layer's name, or what it is. */
  what: string;
  kind: 'layer' | 'runtime' | 'front end' | 'rest';
  flash: number;
  /** RAM that is its own: a recurrent state. The arena that layers share is a row of its own. */
  ram: number;
}

export interface SizeReport {
  rows: SizeRow[];
  flash: number;
  ram: number;
}

/** The same with what has changed since the last build. */
export interface SizeChange extends SizeReport {
  /** By `what`: bytes more than before; a row that has gone is one of 0 bytes. undefined: there was no build before. */
  changes: Record<string, { flash: number; ram: number }> | undefined;
}

/** Flash and RAM of an image by layer, runtime, front end and the rest; rows sum to the image's sizes. */
export function sizeReport(elf: string, network: IntegerNetwork): SizeReport {
  const image = new ElfImage(elf);
  const sizes = imageSizes(elf);
  const layers = network.blocks.map(({ layers: names, kind, output, cellOffset }): SizeRow => ({
    what: names.join(', '),
    kind: 'layer',
    flash: 0,
    // h, and of an LSTM c: int16, kept from window to window.
    ram:
      kind === 'gru' || kind === 'lstm'
        ? 2 * output.channels * (kind === 'lstm' && cellOffset >= 0 ? 2 : 1)
        : 0,
  }));
  let runtime = 0;
  const [start, end] = ['start', 'end'].map((name) => image.symbol(`__network_flash_${name}`).address);
  for (const { name, address, size } of image.sized) {
    if (address < start || address >= end) continue;
    const block = /^block(\d+)_/.exec(name);
    if (block) layers[Number(block[1])].flash += size;
    else runtime += size;
  }
  const states = layers.reduce((sum, { ram }) => sum + ram, 0);
  const tables = layers.reduce((sum, { flash }) => sum + flash, 0);
  const rows: SizeRow[] = [
    ...layers,
    { what: 'runtime code, tables and descriptors', kind: 'runtime', flash: runtime, ram: 0 },
    { what: 'arena that the layers share', kind: 'runtime', flash: 0, ram: sizes.ramBytes - states },
    // Functions and tables begin at multiples of 2 to 8 bytes.
    { what: 'alignment', kind: 'runtime', flash: sizes.flashBytes - tables - runtime, ram: 0 },
    { what: 'front end', kind: 'front end', flash: sizes.frontEndFlashBytes, ram: sizes.frontEndRamBytes },
    {
      what: 'everything else of the image, without the stack',
      kind: 'rest',
      flash: sizes.imageFlashBytes - sizes.flashBytes - sizes.frontEndFlashBytes,
      ram: sizes.imageRamBytes - sizes.ramBytes - sizes.frontEndRamBytes,
    },
  ];
  return { rows, flash: sizes.imageFlashBytes, ram: sizes.imageRamBytes };
}

const fileName = 'sizes.json';

/** Compare a report with that of the last build in `folder`, and keep it there for the next. */
export function compareSizes(report: SizeReport, folder: string): SizeChange {
  const file = path.join(folder, fileName);
  const before = readSizes(file);
  writeJsonAtomic(file, report);
  if (!before) return { ...report, changes: undefined };
  const changes: SizeChange['changes'] = {};
  const old = new Map(before.rows.map((row) => [row.what, row]));
  for (const { what, flash, ram } of report.rows) {
    const was = old.get(what);
    old.delete(what);
    changes[what] = { flash: flash - (was?.flash ?? 0), ram: ram - (was?.ram ?? 0) };
  }
  for (const { what, flash, ram } of old.values()) changes[what] = { flash: -flash, ram: -ram };
  return { ...report, changes };
}

function readSizes(file: string): SizeReport | undefined {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')) as SizeReport;
  } catch {
    return undefined; // None yet, or damaged: there is nothing to compare with.
  }
}

/** The layers that take most, for a message: `conv-8 (24,704 B), gru-1 (36,994 B)`. */
export function largestLayers({ rows }: SizeReport, what: 'flash' | 'ram', count = 3): string {
  return rows
    .filter((row) => row[what] > 0 && row.kind !== 'rest')
    .sort((a, b) => b[what] - a[what])
    .slice(0, count)
    .map((row) => `${row.what} (${row[what].toLocaleString('en-US')} B)`)
    .join(', ');
}
