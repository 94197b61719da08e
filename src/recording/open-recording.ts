import * as path from 'node:path';
import { UserError } from '../common/errors.ts';
import type { ByteFile } from './byte-file.ts';
import { openDelimited } from './delimited/delimited-recording.ts';
import { openEdf } from './edf/edf-recording.ts';
import type { Facts } from './facts.ts';
import type { FileSource } from './file-source.ts';
import { FolderSource } from './folder-source.ts';
import { openMatlab } from './matlab/matlab-recording.ts';
import { openNumpy } from './numpy.ts';
import type { Recording } from './recording.ts';
import { openWfdb } from './wfdb/record.ts';

type Opener = (file: ByteFile, name: string, facts: Facts) => Recording;

/** Kinds of files that are a recording by themselves, by ending. */
const openers: Readonly<Record<string, Opener>> = {
  '.edf': openEdf,
  '.bdf': openEdf,
  '.rec': openEdf,
  '.csv': openDelimited,
  '.tsv': openDelimited,
  '.txt': openDelimited,
  '.mat': openMatlab,
  '.npy': openNumpy,
};

/** Endings of files that name a recording. */
export const recordingExtensions: readonly string[] = ['.hea', ...Object.keys(openers)];

/**
 * Open a recording of a folder or zip by its file's name. A WFDB record is named by its header, with or without `.hea`, or by a
 * file that has one beside it (`.dat`, `.mat`, `.atr`). Throws a UserError that names file and field, and a MissingFactError
 * where the file does not say something that `facts` do not either.
 */
export function openRecordingIn(source: FileSource, name: string, facts: Facts = {}): Recording {
  const extension = path.posix.extname(name);
  const stem = name.slice(0, name.length - extension.length);
  if (extension === '.hea') return openWfdb(source, stem);
  const opener = openers[extension.toLowerCase()];
  const isMatlab = extension.toLowerCase() === '.mat';
  if (opener && !(isMatlab && source.has(`${stem}.hea`))) return openWith(opener, source, name, facts);
  for (const header of [name, stem]) if (source.has(`${header}.hea`)) return openWfdb(source, header);
  if (!source.has(name)) source.open(name).close(); // Says that it is not there.
  throw new UserError(
    'is of no kind of recording that can be read',
    { file: `${source.location}/${name}` },
    /\.zip$/i.test(name)
      ? 'Say which record of the zip: `--record FOLDER/NAME.hea`.'
      : `Kinds are told by their endings: ${recordingExtensions.join(', ')}.`,
  );
}

function openWith(opener: Opener, source: FileSource, name: string, facts: Facts): Recording {
  const file = source.open(name);
  try {
    return opener(file, path.posix.basename(name, path.posix.extname(name)), facts);
  } catch (error) {
    file.close();
    throw error;
  }
}

/** The same for a path of the file system. */
export function openRecordingFile(file: string, facts: Facts = {}): Recording {
  return openRecordingIn(new FolderSource(path.dirname(file)), path.basename(file), facts);
}
