import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { CancelledError, UserError } from '../../../src/common/errors.ts';
import { Cancellation, silentContext, type Progress } from '../../../src/common/job.ts';
import { download, publishedSha256 } from '../../../src/dataset/download.ts';
import { temporaryFolder } from '../../fixtures/workspace.ts';

const folder = temporaryFolder();
const content = Buffer.from(Uint8Array.from({ length: 500_000 }, (_, i) => (i * 31 + (i >> 8)) & 0xff));
const sha256 = createHash('sha256').update(content).digest('hex');

/** How the server behaves, and what it was asked. */
let behaviour: { etag: string; ranges: boolean; cutAfter?: number; body: Buffer; hang?: boolean };
let asked: { range: string | undefined; ifRange: string | undefined }[] = [];

const server = http.createServer((request, response) => {
  if (request.url === '/SHA256SUMS.txt') {
    return response.end(`${'0'.repeat(64)}  other.zip\n${sha256} *sub/set.zip\n`);
  }
  if (request.url === '/missing') return response.writeHead(404).end();
  const { range } = request.headers;
  const ifRange = request.headers['if-range']?.toString();
  asked.push({ range, ifRange });
  const { etag, ranges, cutAfter, body, hang } = behaviour;
  const start = ranges && range && ifRange === etag ? Number(/bytes=(\d+)-/.exec(range)?.[1]) : 0;
  const part = body.subarray(start);
  response.writeHead(start > 0 ? 206 : 200, {
    etag,
    'content-length': part.length,
    ...(start > 0 && { 'content-range': `bytes ${start}-${body.length - 1}/${body.length}` }),
  });
  if (hang) return void response.write(part.subarray(0, 1000));
  if (cutAfter === undefined) return response.end(part);
  response.write(part.subarray(0, cutAfter), () => setTimeout(() => response.destroy(), 50));
});

let base = '';
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked = [];
  behaviour = { etag: '"1"', ranges: true, body: content };
});

let count = 0;
const target = (): string => path.join(folder, `${++count}`, 'set.zip');
const get = (file: string): Promise<void> =>
  download({ url: `${base}/set.zip`, file, sha256 }, silentContext());

async function refusal(act: Promise<unknown>): Promise<UserError> {
  const error: unknown = await act.then(
    () => undefined,
    (e: unknown) => e,
  );
  assert.ok(error instanceof UserError, String(error));
  return error;
}

describe('a download', () => {
  it('is whole, tells progress in MB, and leaves nothing beside it', async () => {
    const file = target();
    const told: Progress[] = [];
    await download(
      { url: `${base}/set.zip`, file, sha256 },
      { ...silentContext(), progress: (p) => told.push(p) },
    );
    assert.ok(fs.readFileSync(file).equals(content));
    assert.deepEqual(fs.readdirSync(path.dirname(file)), ['set.zip']);
    const last = told.findLast(({ stage }) => stage === 'downloading');
    assert.deepEqual([last?.done, last?.total, last?.unit], [0.5, 0.5, 'MB']);
  });

  it('that was cut off goes on where it stopped', async () => {
    const file = target();
    behaviour.cutAfter = 200_000;
    const { advice } = await refusal(get(file));
    assert.match(advice, /goes on where it stopped/);
    assert.ok(!fs.existsSync(file));
    const kept = fs.statSync(`${file}.part`).size;
    assert.ok(kept > 0 && kept < content.length);
    behaviour.cutAfter = undefined;
    await get(file);
    assert.deepEqual(asked[1], { range: `bytes=${kept}-`, ifRange: '"1"' });
    assert.ok(fs.readFileSync(file).equals(content));
    assert.deepEqual(fs.readdirSync(path.dirname(file)), ['set.zip']);
  });

  it('begins anew where the file has changed there, or the server knows no ranges', async () => {
    for (const change of [{ etag: '"2"' }, { ranges: false }]) {
      const file = target();
      behaviour = { etag: '"1"', ranges: true, body: Buffer.alloc(content.length, 7), cutAfter: 200_000 };
      await refusal(get(file));
      behaviour = { etag: '"1"', ranges: true, body: content, ...change };
      await get(file);
      assert.ok(fs.readFileSync(file).equals(content));
    }
  });

  it('with another SHA-256 is refused and not kept', async () => {
    const file = target();
    behaviour.body = Buffer.concat([content.subarray(0, -1), Buffer.of(1)]);
    const { message } = await refusal(get(file));
    assert.match(message, /SHA-256/);
    assert.deepEqual(fs.readdirSync(path.dirname(file)), []);
  });

  it('never overwrites a file, and takes one that is there and right', async () => {
    const file = target();
    fs.mkdirSync(path.dirname(file));
    fs.writeFileSync(file, 'mine');
    assert.match((await refusal(get(file))).message, /is there already/);
    assert.equal(fs.readFileSync(file, 'utf8'), 'mine');
    fs.writeFileSync(file, content);
    await get(file);
    assert.deepEqual(asked, []);
  });

  it('can be cancelled while nothing comes, and what has come stays', async () => {
    const file = target();
    behaviour.hang = true;
    const cancellation = new Cancellation();
    const going = download({ url: `${base}/set.zip`, file, sha256 }, silentContext(cancellation));
    setTimeout(() => cancellation.cancel(), 100);
    await assert.rejects(going, CancelledError);
    assert.equal(fs.statSync(`${file}.part`).size, 1000);
  });

  it('from where there is nothing, or nobody, says so and what to do', async () => {
    const missing = download({ url: `${base}/missing`, file: target(), sha256 }, silentContext());
    assert.match((await refusal(missing)).message, /answered 404/);
    const nobody = download({ url: 'http://127.0.0.1:9/x', file: target(), sha256 }, silentContext());
    const { message, advice } = await refusal(nobody);
    assert.match(message, /cannot be reached/);
    assert.match(advice, /with a browser/);
  });
});

describe('a published SHA-256', () => {
  it('is found by the file’s name', async () => {
    assert.equal(await publishedSha256(`${base}/SHA256SUMS.txt`, 'set.zip'), sha256);
    assert.match(
      (await refusal(publishedSha256(`${base}/SHA256SUMS.txt`, 'none.zip'))).message,
      /no SHA-256 of none/,
    );
  });
});
