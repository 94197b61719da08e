import { readText, type FileSource } from '../file-source.ts';
import type { LeadInfo } from '../recording.ts';
import { parseWfdbHeader, type WfdbHeader } from './header.ts';

/** Headers of some thousand segments have some hundred kilobytes. */
const largestHeader = 16 * 1024 * 1024;

/** Read and parse `name.hea`; `file` is its place for messages. */
export function readHeader(source: FileSource, name: string): { header: WfdbHeader; file: string } {
  const file = `${source.location}/${name}.hea`;
  return { header: parseWfdbHeader(readText(source, `${name}.hea`, 'latin1', largestHeader), file), file };
}

export function leadsOf({ signals }: WfdbHeader): LeadInfo[] {
  return signals.map(({ description, units, gain, baseline, samplesPerFrame }, i) => ({
    name: description || `lead ${i + 1}`,
    units,
    gain,
    baseline,
    samplesPerFrame,
  }));
}
