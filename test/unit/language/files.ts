import * as fs from 'node:fs';
import * as path from 'node:path';
import { productRoot } from '../../../src/common/product.ts';
import {
  parseFile,
  type BoardFile,
  type DatasetFile,
  type ModelFile,
} from '../../../src/language/documents.ts';

export const head = 'version: 1\nname: probe\ninput: { rate: 100, window: 64, hop: 32 }\nclasses: [a, b]\n';
export const small = `${head}layers:\n  - global-average-pool\n  - dense: 2\n`;
export const dataset =
  'version: 1\nname: d\nsource: { format: cinc2017, path: recordings, lead: 0 }\nlabels:\n  map: { N: normal, A: "atrial fibrillation" }\n';

export const board = `version: 1
name: patch
chip: nrf52832
adc: { positive: AIN4, negative: AIN5, gain: 1/6, oversampling: 4 }
front-end: { gain: 400 }
uart: { tx: 6, rx: 8, baud: 115200 }
`;

const zoo = path.join(productRoot, 'media', 'zoo');

/** Name → text of the model files that ship. */
export const zooTexts = new Map(
  fs
    .readdirSync(zoo)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => [name, fs.readFileSync(path.join(zoo, name), 'utf8')]),
);
export const slim = zooTexts.get('slim.ecgmodel.yaml') ?? '';

export const modelUri = 'file:///work/a%20b/probe.ecgmodel.yaml';
export const datasetUri = 'file:///work/a%20b/d.ecgdata.yaml';

export function modelFile(text: string): ModelFile {
  return parseFile('model', modelUri, text) as ModelFile;
}

export function datasetFile(text: string): DatasetFile {
  return parseFile('dataset', datasetUri, text) as DatasetFile;
}

export function boardFile(text: string): BoardFile {
  return parseFile('board', 'file:///work/a%20b/patch.ecgboard.yaml', text) as BoardFile;
}

/** Text with one `|` in it → the text without it and its place. */
export function atBar(marked: string): { text: string; offset: number } {
  const offset = marked.indexOf('|');
  return { text: marked.replace('|', ''), offset };
}

/** A model of 40 layers, with the largest figures that the schema allows. */
export function bigModel(): string {
  const layers = Array.from({ length: 38 }, (_, i) =>
    i % 3 === 2
      ? '  - conv1d:\n      filters: 4096\n      kernel: 1024\n      padding: causal\n'
      : '  - conv1d: { filters: 4096, kernel: 1024, activation: relu }\n',
  );
  return `version: 1\nname: big\ninput: { rate: 10000, window: 100000, hop: 1 }\nclasses: [a, b]\nlayers:\n${layers.join('')}  - global-average-pool\n  - dense: 2\n`;
}
