import { causalAlternatives, notCausal } from '../model/capability.ts';
import { diagnosticCodes, languageCommands, type LensArgument } from '../protocol/language.ts';
import type { StudioFile } from './documents.ts';
import { placeAt } from './position.ts';
import { formsOf, isLayerKind, propertiesOf, settingAt } from './settings.ts';

/** A replacement in the file, or a command of the extension. */
export type QuickFix =
  | { title: string; start: number; end: number; text: string }
  | { title: string; command: string; arguments: LensArgument[] };

/** What can be done about a problem that lies at [start, end]. */
export function quickFixes(
  file: StudioFile,
  uri: string,
  problem: { start: number; end: number; code?: string },
): QuickFix[] {
  if (problem.code === diagnosticCodes.datasetMoved) {
    return [{ title: 'Locate…', command: languageCommands.locateDataset, arguments: [{ uri }] }];
  }
  if (problem.code === notCausal) return causalFix(file, problem);
  const name = misspelled(file, problem.start);
  if (!name) return [];
  const { start, end } = problem;
  return name.candidates.map((text) => ({ title: `Change to \`${text}\``, start, end, text }));
}

/** A setting that looks into the future gives way to the one that a device can have. */
function causalFix(file: StudioFile, { start, end }: { start: number; end: number }): QuickFix[] {
  const setting = placeAt(file.source, start)?.path.at(-1);
  const text = typeof setting === 'string' ? causalAlternatives[setting] : undefined;
  if (text === undefined) return [];
  return [{ title: `Change to \`${text}\`, which a device can do`, start, end, text }];
}

/** Names that a name which is not known here may have meant, nearest first. */
function misspelled(file: StudioFile, offset: number): { candidates: string[] } | undefined {
  const place = placeAt(file.source, offset);
  if (!place || typeof place.value !== 'string') return undefined;
  const written = place.value;
  const around = settingAt(file.kind, place.path.slice(0, place.role === 'key' ? -1 : undefined));
  if (!around) return undefined;
  const names =
    place.role === 'key' || around.isLayer
      ? Object.keys(propertiesOf(around))
      : formsOf(around).flatMap((form) => (form.enum ?? []).map(String));
  const known = place.role === 'value' && around.isLayer ? names.filter(isLayerKind) : names;
  if (known.includes(written)) return undefined;
  const near = known
    .map((name) => ({ name, distance: editDistance(written, name) }))
    .filter(({ name, distance }) => distance <= Math.max(2, name.length / 3))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3);
  return near.length > 0 ? { candidates: near.map(({ name }) => name) } : undefined;
}

/** Insertions, deletions and substitutions between two words (Levenshtein 1966). Long words are no slips of ours. */
export function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 32) return Infinity;
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length];
}
