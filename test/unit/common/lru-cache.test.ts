import assert from 'node:assert/strict';
import { it } from 'node:test';
import { LruCache } from '../../../src/common/lru-cache.ts';

it('a cache drops the value that was not used for longest, and never one that fits', () => {
  const dropped: number[] = [];
  const cache = new LruCache<number>(2, (value) => dropped.push(value));
  cache.set('a', 1);
  cache.set('b', 2);
  assert.equal(cache.get('a'), 1);
  cache.set('c', 3);
  assert.deepEqual([cache.get('a'), cache.get('b'), cache.get('c')], [1, undefined, 3]);
  cache.set('a', 10);
  assert.deepEqual([cache.get('a'), cache.get('c')], [10, 3]);
  assert.deepEqual(dropped, [2, 1], 'each dropped or replaced value is given up once');
});
