import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MessageChannel } from '../../../src/protocol/message-channel.ts';

interface Asked {
  double: { params: number; result: number };
  slow: { params: string; result: string };
  fail: { params: null; result: never };
}
interface Told {
  changed: string;
}

/** Two ends whose messages pass through structured clone, as between a page and the extension. */
function pair(): {
  host: MessageChannel<Asked, object, object, Told>;
  page: MessageChannel<object, Asked, Told, object>;
} {
  const host: MessageChannel<Asked, object, object, Told> = new MessageChannel((message) => {
    const copy: unknown = structuredClone(message);
    void page.receive(copy);
  });
  const page: MessageChannel<object, Asked, Told, object> = new MessageChannel((message) => {
    const copy: unknown = structuredClone(message);
    void host.receive(copy);
  });
  return { host, page };
}

describe('a message channel', { timeout: 10_000 }, () => {
  it('answers requests and hears events', async () => {
    const { host, page } = pair();
    host.answer('double', (value) => 2 * value);
    assert.equal(await page.ask('double', 21), 42);
    const heard: string[] = [];
    page.on('changed', (what) => heard.push(what));
    host.tell('changed', 'all of it');
    assert.deepEqual(heard, ['all of it']);
  });

  it('a handler that throws rejects its caller', async () => {
    const { host, page } = pair();
    host.answer('fail', () => {
      throw new Error('the disk is full');
    });
    await assert.rejects(page.ask('fail', null), /the disk is full/);
    host.answer('fail', () => Promise.reject(new Error('the disk is still full')));
    await assert.rejects(page.ask('fail', null), /the disk is still full/);
  });

  it('a request that nobody answers rejects, and does not hang', async () => {
    const { page } = pair();
    await assert.rejects(page.ask('double', 1), /nobody answers double/);
  });

  it('gives every caller its own answer, in whatever order they come', async () => {
    const { host, page } = pair();
    const waiting = new Map<string, (answer: string) => void>();
    host.answer('slow', (name) => new Promise((resolve) => waiting.set(name, resolve)));
    const [first, second] = [page.ask('slow', 'first'), page.ask('slow', 'second')];
    await Promise.resolve();
    waiting.get('second')?.('2');
    waiting.get('first')?.('1');
    assert.deepEqual(await Promise.all([first, second]), ['1', '2']);
  });

  it('an answer that cannot be posted rejects its caller', async () => {
    const { host, page } = pair();
    host.answer('double', () => (() => 4) as unknown as number);
    await assert.rejects(page.ask('double', 2), /could not be cloned/);
  });

  it('ignores what is no message of its own, and posts nothing to it', async () => {
    const posted: unknown[] = [];
    const host: MessageChannel<Asked, Asked, Told, object> = new MessageChannel((m) => posted.push(m));
    const heard: string[] = [];
    host.on('changed', (what) => heard.push(what));
    const waiting = host.ask('double', 3);
    posted.length = 0;
    for (const foreign of [
      ...[undefined, null, 7, 'text', [], {}, { kind: 'other' }, { kind: 'event' }, { kind: 'request' }],
      ...[
        { kind: 'event', name: 'unheard of' },
        { kind: 'response', id: 99 },
        { kind: 'failure', id: 99 },
      ],
      ...[{ kind: 'response' }, { kind: 'request', method: 'of another protocol', id: 1 }],
    ]) {
      await host.receive(foreign);
    }
    assert.deepEqual([posted, heard], [[], []]);
    await host.receive({ kind: 'response', id: 1, result: 6 });
    assert.equal(await waiting, 6);
  });
});
