import * as fs from 'node:fs';
import * as zlib from 'node:zlib';
import * as yauzl from 'yauzl';
import { UserError } from '../common/errors.ts';
import { BlockReader } from './block-reader.ts';
import { unsafeName } from './safe-name.ts';
import { shown } from './shown.ts';

/** Recordings shrink to a half or a tenth. Whole zips that claim this much more than they are, are bombs. */
const mostExpansion = 200;
const expansionAllowed = 64 * 1024 * 1024;
const utf8Flag = 0x800;
const advice = 'Do not use this zip.';
export const localHeaderBytes = 30;

/** What is kept of an entry. yauzl's own objects carry buffers and dates, and 14,000 of them keep the collector busy. */
export interface ZipEntry {
  headerOffset: number;
  compressedSize: number;
  uncompressedSize: number;
  compressionMethod: number;
  crc32: number;
  encrypted: boolean;
  link: boolean;
  /** The local header has the same name, byte by byte. */
  nameBytes: number;
  nameCrc: number;
}

function entryOf(entry: yauzl.Entry): ZipEntry {
  const { relativeOffsetOfLocalHeader, compressedSize, uncompressedSize, compressionMethod, crc32 } = entry;
  // The upper half of the external attributes is the Unix mode where Unix made the entry (APPNOTE 4.4.15, Info-ZIP).
  const mode = entry.externalFileAttributes >>> 16;
  return {
    headerOffset: relativeOffsetOfLocalHeader,
    compressedSize,
    uncompressedSize,
    compressionMethod,
    crc32,
    encrypted: entry.isEncrypted(),
    link: (mode & 0o170000) === 0o120000,
    nameBytes: entry.fileNameRaw.length,
    nameCrc: zlib.crc32(entry.fileNameRaw),
  };
}

/**
 * The files of a zip by name, from its central directory. Throws a UserError that names the entry where a name leads out of the
 * zip or is there twice, where entries overlap, and where the zip is a bomb; and an Error where it is no whole zip.
 */
export function readZipDirectory(location: string): Promise<Map<string, ZipEntry>> {
  return new Promise((resolve, reject) => {
    const handle = fs.openSync(location, 'r');
    const { size } = fs.fstatSync(handle);
    // Names are decoded here, so that an error can say which one it is about; yauzl closes the reader at the end.
    const options = { lazyEntries: true, autoClose: true, decodeStrings: false, validateEntrySizes: false };
    yauzl.fromRandomAccessReader(new BlockReader(handle), size, options, (error, zip) => {
      if (error) {
        fs.closeSync(handle);
        return reject(error);
      }
      const entries = new Map<string, ZipEntry>();
      zip.on('entry', (entry: yauzl.Entry) => {
        const { generalPurposeBitFlag, fileNameRaw, extraFields } = entry;
        const name = yauzl.getFileNameLowLevel(
          generalPurposeBitFlag & utf8Flag,
          fileNameRaw,
          extraFields,
          true,
        );
        const problem = entries.has(name) ? 'is there twice' : nameProblem(name);
        if (problem !== undefined) {
          zip.close();
          return reject(new UserError(`the entry \`${shown(name)}\` ${problem}`, { file: location }, advice));
        }
        if (!name.endsWith('/')) entries.set(name, entryOf(entry));
        zip.readEntry();
      });
      zip.on('error', reject);
      zip.on('end', () => {
        const what = bombProblem(entries, size);
        if (what === undefined) resolve(entries);
        else reject(new UserError(what, { file: location }, advice));
      });
      zip.readEntry();
    });
  });
}

function nameProblem(name: string): string | undefined {
  // Some zips have an entry of the folder that they were made in.
  if (name === './') return undefined;
  return unsafeName(name.replace(/\/$/, ''));
}

/**
 * A zip of some kilobytes can claim to hold a disk: by its ratio, or by entries that share their bytes (D. Fifield, "A better
 * zip bomb", WOOT 2019).
 */
function bombProblem(entries: ReadonlyMap<string, ZipEntry>, size: number): string | undefined {
  let claimed = 0;
  for (const { uncompressedSize } of entries.values()) claimed += uncompressedSize;
  if (claimed > expansionAllowed + mostExpansion * size) {
    return `its ${size} bytes claim to hold ${claimed}: a zip bomb`;
  }
  const inOrder = [...entries].sort(([, a], [, b]) => a.headerOffset - b.headerOffset);
  let [before, end] = ['', 0];
  for (const [name, { headerOffset, nameBytes, compressedSize }] of inOrder) {
    if (headerOffset < end)
      return `the entries \`${shown(before)}\` and \`${shown(name)}\` overlap: a zip bomb`;
    [before, end] = [name, headerOffset + localHeaderBytes + nameBytes + compressedSize];
  }
  return undefined;
}
