import * as fs from 'node:fs';
import * as path from 'node:path';
import { sha256, writeFileAtomic } from '../common/files.ts';
import { cacheFolder } from '../common/product.ts';
import type { Archive } from '../recording/file-source.ts';
import type { RecordingHashes } from './content-hash.ts';

/** Another way to compute hashes has another number. */
const version = 1;
/** Oldest first, files of other zips and folders are removed above this. */
const mostFiles = 200;

/** [files, stamps, content, signal] */
type Entry = [string[], string[], string, string];

/**
 * Hashes of the recordings of one zip or folder, kept between runs: a recording is hashed again when the stamp of one of its files
 * has changed. Where the file is gone or damaged, everything is hashed anew.
 */
export class HashCache {
  readonly #archive: Archive;
  readonly #file: string;
  readonly #entries: Map<string, Entry>;
  #changed = false;

  constructor(archive: Archive) {
    this.#archive = archive;
    this.#file = path.join(cacheFolder(), 'recordings', `${sha256(archive.location).slice(0, 40)}.json`);
    this.#entries = read(this.#file, archive.location);
  }

  get(name: string): RecordingHashes | undefined {
    const entry = this.#entries.get(name);
    if (!entry) return undefined;
    const [files, stamps, content, signal] = entry;
    return files.every((file, i) => this.#archive.stamp(file) === stamps[i])
      ? { content, signal }
      : undefined;
  }

  set(name: string, files: readonly string[], { content, signal }: RecordingHashes): void {
    const stamps = files.map((file) => this.#archive.stamp(file));
    if (!stamps.every((stamp) => stamp !== undefined)) return;
    this.#entries.set(name, [[...files], stamps, content, signal]);
    this.#changed = true;
  }

  /** Throws nothing: without the cache the next run takes longer. */
  save(log: (line: string) => void): void {
    if (!this.#changed) return;
    const content = { version, location: this.#archive.location, entries: Object.fromEntries(this.#entries) };
    try {
      writeFileAtomic(this.#file, JSON.stringify(content));
      removeOldest(path.dirname(this.#file));
    } catch (error) {
      log(`The cache of hashes could not be written: ${(error as Error).message}`);
    }
    this.#changed = false;
  }
}

function read(file: string, location: string): Map<string, Entry> {
  try {
    const kept = JSON.parse(fs.readFileSync(file, 'utf8')) as {
      version: number;
      location: string;
      entries: Record<string, Entry>;
    };
    if (kept.version === version && kept.location === location) return new Map(Object.entries(kept.entries));
  } catch {
    // Not there, or damaged: made anew.
  }
  return new Map();
}

function removeOldest(folder: string): void {
  const files = fs.readdirSync(folder).map((name) => path.join(folder, name));
  if (files.length <= mostFiles) return;
  const byAge = files.map((file) => ({ file, at: fs.statSync(file).mtimeMs })).sort((a, b) => b.at - a.at);
  for (const { file } of byAge.slice(mostFiles)) fs.rmSync(file, { force: true });
}
