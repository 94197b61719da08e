import * as fs from 'node:fs';
import * as path from 'node:path';
import { productRoot } from '../../../src/common/product.ts';

export const trainedModel = 'slim.ecgmodel.yaml';
export const typedModel = 'forty.ecgmodel.yaml';
/** A text in whose lines a provider puts hints without a thought: what VS Code itself takes. */
export const constantFile = 'constant.txt';
export const typedLayers = 40;

/**
 * A workspace as a user has it: the zoo's slim, a model of 40 layers, and a dataset file.
 * @param recordings archive that the dataset file names; undefined: no dataset file
 */
export function writeWorkspace(folder: string, recordings: string | undefined): void {
  fs.mkdirSync(folder, { recursive: true });
  fs.copyFileSync(path.join(productRoot, 'media', 'zoo', trainedModel), path.join(folder, trainedModel));
  fs.writeFileSync(path.join(folder, typedModel), fortyLayers());
  fs.writeFileSync(path.join(folder, constantFile), fortyLayers());
  // As on the desktop; in a browser VS Code saves each second, and every save has all trees read the file again.
  fs.mkdirSync(path.join(folder, '.vscode'));
  fs.writeFileSync(path.join(folder, '.vscode', 'settings.json'), '{ "files.autoSave": "off" }\n');
  if (recordings === undefined) return;
  fs.writeFileSync(
    path.join(folder, 'training2017.ecgdata.yaml'),
    `version: 1\nname: training2017\nsource: { format: cinc2017, path: ${JSON.stringify(recordings)} }\n`,
  );
}

/** Valid throughout, so that every layer has a hint; the first layer's filters are what is typed. */
function fortyLayers(): string {
  const convolutions = Array.from({ length: typedLayers - 4 }, () => 'conv1d: { filters: 32, kernel: 5 }');
  const layers = [
    'conv1d: { filters: 16, kernel: 5, activation: relu }',
    ...convolutions,
    'global-average-pool',
    'gru: 64',
    'dense: 4',
  ];
  return [
    'version: 1',
    'name: forty',
    'input: { rate: 122, window: 256, hop: 128 }',
    'classes: [N, A, O, "~"]',
    'layers:',
    ...layers.map((layer) => `  - ${layer}`),
    '',
  ].join('\n');
}
