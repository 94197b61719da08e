import * as path from 'node:path';
import { UserError } from '../common/errors.ts';
import type { Facts } from './facts.ts';
import type { FileSource } from './file-source.ts';
import { FolderSource } from './folder-source.ts';
import type { Recording } from './recording.ts';
import { openWfdb } from './wfdb/record.ts';

/**
 * Open a recording of a folder or zip by its file's name. A WFDB record is named by its header, with or without `.hea`, or by a
 * signal file that has one beside it. Throws a UserError that names file and field.
 */
export function openRecordingIn(source: FileSource, name: string, facts: Facts = {}): Recording {
  void facts;
  const stem = name.replace(/\.[^./]*$/, '');
  if (name.endsWith('.hea')) return openWfdb(source, stem);
  if (source.has(`${name}.hea`)) return openWfdb(source, name);
  if (source.has(`${stem}.hea`)) return openWfdb(source, stem);
  throw new UserError('is of no kind of recording that can be read', { file: `${source.location}/${name}` });
}

/** The same for a path of the file system. */
export function openRecordingFile(file: string, facts: Facts = {}): Recording {
  return openRecordingIn(new FolderSource(path.dirname(file)), path.basename(file), facts);
}
