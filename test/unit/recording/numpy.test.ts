import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UserError } from '../../../src/common/errors.ts';
import { MemoryFile } from '../../../src/recording/byte-file.ts';
import { MissingFactError, type Facts } from '../../../src/recording/facts.ts';
import { openNumpy } from '../../../src/recording/numpy.ts';
import type { Recording } from '../../../src/recording/recording.ts';
import { npy, type NpyOptions } from './npy-encoder.ts';
import { readEnds, survivesDamage } from './hostile.ts';

const facts = { rate: 500, units: 'mV' };

function open(bytes: Uint8Array, given: Facts = facts): Recording {
  return openNumpy(new MemoryFile('x.npy', bytes), 'x', given);
}

function all(recording: Recording): number[][] {
  return recording.leads.map((_, lead) => [...recording.read(lead, 0, recording.frames)]);
}

function bytesOf(array: ArrayBufferView): Buffer {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength);
}

/** The same with the bytes of each element the other way round. */
function swapped(bytes: Buffer, width: number): Buffer {
  const out = Buffer.from(bytes);
  for (let at = 0; at < out.length; at += width) out.subarray(at, at + width).reverse();
  return out;
}

const refusedWith = (pattern: RegExp) => (e: unknown) =>
  e instanceof UserError && e.place.file === 'x.npy' && pattern.test(e.message);

describe('a NumPy array', () => {
  const values = [0, 1, 2, 100, 127];
  const signed = [0, -1, 2, -100, 127];
  const kinds: [string, Buffer, number, number[]][] = [
    ['i1', bytesOf(Int8Array.from(signed)), 1, signed],
    ['u1', bytesOf(Uint8Array.of(0, 1, 2, 100, 255)), 1, [0, 1, 2, 100, 255]],
    ['i2', bytesOf(Int16Array.from(signed)), 2, signed],
    ['u2', bytesOf(Uint16Array.of(0, 1, 2, 3, 65535)), 2, [0, 1, 2, 3, 65535]],
    ['i4', bytesOf(Int32Array.from(signed)), 4, signed],
    ['u4', bytesOf(Uint32Array.of(0, 1, 2, 3, 4294967295)), 4, [0, 1, 2, 3, 4294967295]],
    ['i8', bytesOf(BigInt64Array.from(signed, BigInt)), 8, signed],
    ['u8', bytesOf(BigUint64Array.from(values, BigInt)), 8, values],
    // 1, -2, the largest, the smallest, no number (IEEE 754 binary16).
    ['f2', bytesOf(Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x7e00)), 2, [1, -2, 65504, 2 ** -24, NaN]],
    ['f4', bytesOf(Float32Array.of(0.5, -1.25, 3, NaN, 8)), 4, [0.5, -1.25, 3, NaN, 8]],
    ['f8', bytesOf(Float64Array.of(0.1, -1e300, 3, NaN, 8)), 8, [0.1, -1e300, 3, NaN, 8]],
  ];
  for (const [code, data, width, expected] of kinds) {
    it(`of ${code} is read in both byte orders`, () => {
      const little = open(npy(data, { descr: `'${width === 1 ? '|' : '<'}${code}'` }));
      assert.deepEqual([little.format, little.rate, little.frames], ['NumPy', 500, 5]);
      assert.deepEqual(all(little), [expected]);
      assert.deepEqual(all(open(npy(swapped(data, width), { descr: `'>${code}'` }))), [expected]);
      assert.equal(little.digital !== undefined, ['i1', 'u1', 'i2', 'u2', 'i4'].includes(code));
    });
  }

  const leads = [
    [1, 2, 3, 4],
    [-1, -2, -3, -4],
  ];
  const byLead = bytesOf(Int16Array.from(leads.flat()));
  const bySample = bytesOf(Int16Array.from(leads[0].flatMap((v, i) => [v, leads[1][i]])));

  it('of two axes has its time along the longer one, in C and in Fortran order', () => {
    assert.deepEqual(all(open(npy(byLead, { shape: '(2, 4)' }))), leads);
    assert.deepEqual(all(open(npy(bySample, { shape: '(4, 2)' }))), leads);
    assert.deepEqual(all(open(npy(bySample, { shape: '(2, 4)', fortran: 'True' }))), leads);
    assert.deepEqual(all(open(npy(byLead, { shape: '(4, 2)', fortran: 'True' }))), leads);
    assert.deepEqual(all(open(npy(byLead, { shape: '(1, 2, 4)' }))), leads);
    assert.deepEqual([...open(npy(bySample, { shape: '(4, 2)' })).digital!(1, 1, 3)], [-2, -3]);
  });

  it('of versions 2 and 3, with its keys in any order, is read', () => {
    const header = "{'shape': (5L,),'descr':'<i2', 'fortran_order':False}";
    for (const version of [2, 3]) {
      const data = bytesOf(Int16Array.from(signed));
      assert.deepEqual(all(open(npy(data, { version }, header))), [signed]);
    }
  });

  it('does not say its rate and units: they are asked for', () => {
    const bytes = npy(byLead, { shape: '(2, 4)' });
    const missing = (fact: keyof Facts) => (e: unknown) => e instanceof MissingFactError && e.fact === fact;
    assert.throws(() => open(bytes, { units: 'mV' }), missing('rate'));
    assert.throws(() => open(bytes, { rate: 100 }), missing('units'));
  });

  it('that cannot be a recording is refused by field', () => {
    const data = Buffer.alloc(10);
    const of = (options: NpyOptions, header?: string) => () => open(npy(data, options, header));
    assert.throws(of({ descr: "'|O'" }), refusedWith(/`descr` \|O, which are no numbers/));
    assert.throws(of({ descr: "[('a', '<i2')]" }), refusedWith(/`descr`/));
    assert.throws(of({ descr: "'<c8'" }), refusedWith(/`descr` <c8/));
    assert.throws(of({ shape: '()' }), refusedWith(/`shape` \(\)/));
    assert.throws(of({ shape: '(0,)' }), refusedWith(/is empty/));
    assert.throws(of({ shape: '(2, 3, 4)' }), refusedWith(/`shape` \(2, 3, 4\); one or two axes/));
    assert.throws(
      of({ shape: '(999999999999, 2)' }),
      refusedWith(/takes 4000000000124 bytes; the file has 138/),
    );
    assert.throws(of({}, "__import__('os')"), refusedWith(/no dictionary/));
    assert.throws(
      of({}, "{'descr': '<i2', 'fortran_order': False, 'shape': (5,), 'x': 1}"),
      refusedWith(/no dictionary/),
    );
    assert.throws(of({ version: 9 }), refusedWith(/version 9/));
    assert.throws(() => open(Buffer.from('PK\x03\x04 a zip of arrays')), refusedWith(/no NumPy array/));
  });

  it('never ends in anything but samples or a UserError when it is damaged', () => {
    survivesDamage(npy(byLead, { shape: '(2, 4)' }), 3000, (file) => readEnds(openNumpy(file, 'x', facts)));
    const doubles = npy(bytesOf(Float64Array.of(1, 2, 3)), { descr: "'>f8'", shape: '(3,)', version: 2 });
    survivesDamage(doubles, 1000, (file) => readEnds(openNumpy(file, 'x', facts)));
  });
});
