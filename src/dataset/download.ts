import * as fs from 'node:fs';
import * as path from 'node:path';
import { createHash } from 'node:crypto';
import { CancelledError, UserError } from '../common/errors.ts';
import { fileError, readFile } from '../common/files.ts';
import type { JobContext } from '../common/job.ts';

export interface Download {
  url: string;
  /** Where the file goes; beside it `NAME.part` and `NAME.part.json` keep what has come so far. */
  file: string;
  /** Hexadecimal. */
  sha256: string;
}

/** s without a byte after which a connection is given up; what has come stays. */
const patience = 60;
/** Datasets that are offered have some hundred MB; a server that sends for ever is cut off. */
const largest = 64e9;

/** What has come so far of which file: a server's file that has changed since begins anew. */
interface KeptPart {
  url: string;
  /** The server's name of this version: ETag or date. */
  validator: string;
}

/**
 * Download a file with progress. One that was cut off goes on where it stopped (RFC 9110, 13.1.5 and 14), and is whole only where
 * its SHA-256 is the one that was asked for. A file that is there and right is left alone; one that is wrong is never
 * overwritten. Throws a UserError that says what to do.
 */
export async function download({ url, file, sha256 }: Download, context: JobContext): Promise<void> {
  if (fs.existsSync(file)) {
    if ((await hashFile(file, context)) === sha256) return;
    throw new UserError(
      'is there already, and is not the file that is to be downloaded',
      { file },
      'Move it away, or choose another folder.',
    );
  }
  const part = `${file}.part`;
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    await fetchInto(url, part, context);
  } catch (error) {
    throw networkError(fileError(error, file), url);
  }
  const found = await hashFile(part, context);
  if (found !== sha256) {
    remove(part);
    throw new UserError(
      `what came from ${url} has the SHA-256 ${found}, expected was ${sha256}`,
      { file },
      'The download was damaged, or the file has changed there. Try again.',
    );
  }
  fs.renameSync(part, file);
  remove(part);
}

function remove(part: string): void {
  fs.rmSync(part, { force: true });
  fs.rmSync(`${part}.json`, { force: true });
}

async function fetchInto(url: string, part: string, context: JobContext): Promise<void> {
  const kept = keptPart(part, url);
  const stop = new AbortController();
  const watch = new StallWatch(stop, context);
  try {
    const headers: Record<string, string> = kept
      ? { Range: `bytes=${kept.size}-`, 'If-Range': kept.validator }
      : {};
    const response = await fetch(url, { headers, signal: stop.signal });
    requireSafe(response, url);
    // The server may have another version, or know nothing of ranges: then all of it comes.
    const goesOn = response.status === 206 && kept !== undefined && startsAt(response, kept.size);
    if (response.status !== 200 && !goesOn) {
      if (response.status === 416 || response.status === 206) remove(part);
      throw new UserError(`${url} answered ${response.status} ${response.statusText}`, {}, manual(url));
    }
    const validator = response.headers.get('etag') ?? response.headers.get('last-modified');
    // A weak one names what is alike, not what is the same byte for byte.
    const strong = validator !== null && !validator.startsWith('W/');
    if (strong) fs.writeFileSync(`${part}.json`, JSON.stringify({ url, validator } satisfies KeptPart));
    else fs.rmSync(`${part}.json`, { force: true });
    const before = goesOn ? kept.size : 0;
    const length = Number(response.headers.get('content-length') ?? 0);
    const total = length > 0 ? before + length : 0;
    if (total > largest)
      throw new UserError(`${url} has ${total} bytes, which is no dataset`, {}, manual(url));
    await writeBody(response, part, { before, total }, watch, context);
  } finally {
    watch.end();
  }
}

async function writeBody(
  response: Response,
  part: string,
  { before, total }: { before: number; total: number },
  watch: StallWatch,
  context: JobContext,
): Promise<void> {
  const handle = fs.openSync(part, before > 0 ? 'r+' : 'w');
  let done = before;
  try {
    if (!response.body) throw new UserError('the server sent nothing');
    for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>) {
      context.cancellation.throwIfRequested();
      watch.alive();
      fs.writeSync(handle, bytes, 0, bytes.length, done);
      done += bytes.length;
      if (done > largest) throw new UserError(`more than ${largest} bytes came, which is no dataset`);
      context.progress({ stage: 'downloading', done: done / 1e6, total: total / 1e6, unit: 'MB' });
    }
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
  if (total > 0 && done < total) throw new UserError(`the connection ended after ${done} of ${total} bytes`);
}

/** Ends a connection that nothing comes over any more, or whose job was cancelled. */
class StallWatch {
  #last = performance.now();
  readonly #timer: NodeJS.Timeout;

  constructor(stop: AbortController, { cancellation }: JobContext) {
    this.#timer = setInterval(() => {
      if (cancellation.requested) stop.abort(new CancelledError());
      else if (performance.now() - this.#last > 1000 * patience) {
        stop.abort(new UserError(`nothing came for ${patience} s`));
      }
    }, 200);
  }

  alive(): void {
    this.#last = performance.now();
  }

  end(): void {
    clearInterval(this.#timer);
  }
}

/** What is there of this url, and may be gone on with. */
function keptPart(part: string, url: string): { size: number; validator: string } | undefined {
  const stat = fs.statSync(part, { throwIfNoEntry: false });
  if (!stat || stat.size === 0 || !fs.existsSync(`${part}.json`)) return undefined;
  try {
    const kept = JSON.parse(readFile(`${part}.json`).toString('utf8')) as Partial<KeptPart>;
    if (kept.url === url && typeof kept.validator === 'string')
      return { size: stat.size, validator: kept.validator };
  } catch {
    // Written half: everything comes anew.
  }
  return undefined;
}

function startsAt(response: Response, start: number): boolean {
  return response.headers.get('content-range')?.startsWith(`bytes ${start}-`) ?? false;
}

/** Only over https, but for a server on this computer. */
function requireSafe(response: Response, url: string): void {
  const { protocol, hostname } = new URL(response.url || url);
  if (protocol === 'https:' || hostname === 'localhost' || hostname === '127.0.0.1') return;
  throw new UserError(`${response.url} is not encrypted`, {}, manual(url));
}

function manual(url: string): string {
  return `Get it with a browser from ${url}, and import the file.`;
}

function networkError(error: unknown, url: string): unknown {
  if (error instanceof UserError || error instanceof CancelledError) {
    if (error instanceof UserError && error.advice === '') {
      return new UserError(error.message, error.place, 'Start it again: it goes on where it stopped.');
    }
    return error;
  }
  const { cause, message } = error as Error & { cause?: { code?: string; message?: string } };
  const why = cause?.code ?? cause?.message ?? message;
  return new UserError(
    `${url} cannot be reached (${why})`,
    {},
    `Check the network, and start it again: it goes on where it stopped. Or: ${manual(url)}`,
  );
}

/** SHA-256 of a file, hexadecimal, with progress. */
async function hashFile(file: string, context: JobContext): Promise<string> {
  const hash = createHash('sha256');
  const { size } = fs.statSync(file);
  let done = 0;
  for await (const chunk of fs.createReadStream(file, { highWaterMark: 1 << 20 })) {
    context.cancellation.throwIfRequested();
    const bytes = chunk as Buffer;
    hash.update(bytes);
    done += bytes.length;
    context.progress({ stage: 'checking SHA-256', done: done / 1e6, total: size / 1e6, unit: 'MB' });
  }
  return hash.digest('hex');
}

/**
 * The SHA-256 that a list names for a file: lines of `HASH  PATH`, as sha256sum writes and PhysioNet publishes them. Throws a
 * UserError where the list cannot be had or does not name it.
 */
export async function publishedSha256(list: string, name: string): Promise<string> {
  let text: string;
  try {
    const response = await fetch(list, { signal: AbortSignal.timeout(1000 * patience) });
    requireSafe(response, list);
    if (!response.ok)
      throw new UserError(`${list} answered ${response.status} ${response.statusText}`, {}, manual(list));
    text = await response.text();
  } catch (error) {
    throw networkError(error, list);
  }
  for (const line of text.split('\n')) {
    const [, hash, file] = /^([0-9a-f]{64})\s+\*?(.+?)\s*$/i.exec(line) ?? [];
    if (file === name || file?.endsWith(`/${name}`)) return hash.toLowerCase();
  }
  throw new UserError(`${list} has no SHA-256 of ${name}`, {}, 'Give it yourself: `--sha256`.');
}
