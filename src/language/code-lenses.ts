import { parameterBytes } from '../model/budget.ts';
import { bytesText } from '../model/units.ts';
import { languageCommands, type LensArgument } from '../protocol/language.ts';
import { boardScale } from './board-figures.ts';
import { budgetUse, type Budget } from './budget-figures.ts';
import type { BoardFile, DatasetFile, ModelFile, StudioFile } from './documents.ts';
import { countText, shortNumber, weightsText } from './figures.ts';
import { totalsOf } from './layer-figures.ts';

export interface Lens {
  start: number;
  title: string;
  /** Empty: the lens is text. */
  command: string;
  arguments: LensArgument[];
}

/** @param moved the first source of a dataset file whose recordings are not where it says; undefined: none, as far as is known */
export function codeLenses(file: StudioFile, uri: string, moved?: number): Lens[] {
  switch (file.kind) {
    case 'model':
      return modelLenses(file, uri);
    case 'dataset':
      return datasetLenses(file, uri, moved);
    case 'board':
      return boardLenses(file);
  }
}

function modelLenses(file: ModelFile, uri: string): Lens[] {
  const { source, network, diagnostics } = file;
  const [layers] = source.range(['layers'], true);
  const lenses: Lens[] = [];
  const errors = diagnostics.filter((d) => d.severity === 'error');
  if (errors.length > 0) {
    const where = errors.length === 1 ? 'in line' : 'first in line';
    const first = Math.min(...errors.map((d) => d.line));
    lenses.push(text(layers, `${countText(errors.length, 'error')}: ${where} ${first}`));
  }
  if (!network) return lenses;
  const totals = totalsOf(network.layers);
  lenses.push(
    text(
      layers,
      `${countText(totals.layers, 'layer')} · ${countText(totals.parameters, 'parameter')} · ` +
        `${bytesText(parameterBytes(network))} ${weightsText(network.quantization)} · ${shortNumber(totals.macs)} MAC a window`,
    ),
  );
  // A job would be refused.
  if (errors.length === 0) {
    lenses.push(action(layers, 'Train', languageCommands.train, uri));
    const { distillation } = source.value as { distillation?: object };
    if (distillation) lenses.push(action(layers, 'Distil', languageCommands.distill, uri));
    lenses.push(action(layers, 'Evaluate', languageCommands.evaluate, uri));
  }
  const { target } = source.value as { target?: object };
  if (target) {
    const budgets: Budget[] = ['flash', 'ram', 'latency'];
    const title = budgets.map((budget) => budgetUse(network, budget).short).join(' · ');
    lenses.push(text(source.range(['target'], true)[0], title));
  }
  return lenses;
}

function datasetLenses({ source, spec }: DatasetFile, uri: string, moved: number | undefined): Lens[] {
  if (!spec) return [];
  const [start] = source.range([spec.sources.length > 1 ? 'sources' : 'source'], true);
  if (moved !== undefined) {
    return [action(start, 'Recordings not found: Locate…', languageCommands.locateDataset, uri)];
  }
  return [action(start, 'Train on this dataset', languageCommands.train, uri)];
}

function boardLenses({ source, board }: BoardFile): Lens[] {
  return board ? [text(source.range(['adc'], true)[0], boardScale(board))] : [];
}

function text(start: number, title: string): Lens {
  return { start, title, command: '', arguments: [] };
}

function action(start: number, title: string, command: string, uri: string): Lens {
  return { start, title, command, arguments: [{ uri }] };
}
