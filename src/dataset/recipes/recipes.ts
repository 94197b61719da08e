import type { Archive } from '../../recording/file-source.ts';
import type { SourceFormat } from '../spec.ts';
import { cinc2017 } from './cinc2017.ts';
import { cinc2021 } from './cinc2021.ts';
import { cpsc2021 } from './cpsc2021.ts';
import { mitBih } from './mit-bih.ts';
import { ptbXl } from './ptb-xl.ts';
import type { Recipe } from './recipe.ts';
import { table } from './table.ts';

export const recipes: Readonly<Record<SourceFormat, Recipe>> = {
  cinc2017,
  'mit-bih': mitBih,
  'ptb-xl': ptbXl,
  cinc2021,
  cpsc2021,
  table,
};

/** What a zip or folder looks like: the most particular first. cinc2017 where it looks like none, for its message. */
export function recogniseFormat(archive: Archive): SourceFormat {
  const order = [cinc2017, ptbXl, mitBih, cpsc2021, table, cinc2021];
  return order.find((recipe) => recipe.recognise(archive))?.format ?? 'cinc2017';
}
