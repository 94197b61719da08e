import { readText, type Archive } from '../../recording/file-source.ts';
import { parseWfdbHeader } from '../../recording/wfdb/header.ts';
import { snomedAbbreviations } from './snomed.ts';
import type { IndexedRecord, Recipe } from './recipe.ts';
import { overRecords } from './reporting.ts';

/**
 * The PhysioNet/CinC Challenges 2020 and 2021: 12 leads, diagnoses as SNOMED CT codes in the header's comment `# Dx:`. A label
 * is a code, and for those that the challenges score their abbreviation too. Nothing is known of the patients.
 */
export const cinc2021: Recipe = {
  format: 'cinc2021',
  title: 'PhysioNet/CinC Challenges 2020 and 2021: 12 leads with SNOMED diagnoses',
  map: { AF: 'A', AFL: 'A', NSR: 'N', '*': 'O' },
  unmapped: 'exclude',
  ownSplit: false,
  recognise(archive) {
    const first = headers(archive)[0];
    return first !== undefined && diagnoses(archive, first).length > 0;
  },
  async index(archive, _source, context) {
    const records: IndexedRecord[] = [];
    const seen = new Map<string, string>();
    await overRecords(headers(archive), 'reading diagnoses', context, (header) => {
      const name = header.slice(0, -'.hea'.length);
      const short = name.slice(name.lastIndexOf('/') + 1);
      // The same name in two folders: the folder tells them apart.
      const id = seen.has(short) ? name : short;
      seen.set(short, name);
      records.push({
        id,
        recording: header,
        labels: diagnoses(archive, header),
        place: { file: `${archive.location}/${header}`, record: id },
      });
    });
    return records;
  },
};

function headers(archive: Archive): string[] {
  return archive.names().filter((name) => name.endsWith('.hea'));
}

function diagnoses(archive: Archive, header: string): string[] {
  const { comments } = parseWfdbHeader(
    readText(archive, header, 'latin1', 1 << 20),
    `${archive.location}/${header}`,
  );
  const codes = comments
    .filter((comment) => /^dx\s*:/i.test(comment))
    .flatMap((comment) => comment.slice(comment.indexOf(':') + 1).split(','))
    .map((code) => code.trim())
    .filter((code) => code !== '' && code.toLowerCase() !== 'unknown');
  return [...codes, ...codes.map((code) => snomedAbbreviations[code]).filter((name) => name !== undefined)];
}
