import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { UserError } from '../../../src/common/errors.ts';
import { choiceForResume, engineChoice } from '../../../src/engine/choice.ts';
import { createMemory, growMemory, heapBase, loadKernels } from '../../../src/engine/load.ts';

describe('engine: the choice', () => {
  afterEach(() => {
    delete process.env.ECG_ENGINE;
  });

  test('is what ECG_ENGINE says, `auto` where it is unset or empty, and refused where it is no engine', () => {
    assert.equal(engineChoice(), 'auto');
    process.env.ECG_ENGINE = '';
    assert.equal(engineChoice(), 'auto');
    process.env.ECG_ENGINE = 'tensorflow';
    assert.equal(engineChoice(), 'tensorflow');
    process.env.ECG_ENGINE = 'gpu';
    assert.throws(engineChoice, UserError);
  });

  test('of a resumed run is the instruction set that it was trained with, where it is left open', () => {
    const avx2 = 'native avx2 fma 0123456789ab';
    assert.equal(choiceForResume('auto', avx2), 'avx2');
    assert.equal(choiceForResume('native', avx2), 'avx2');
    assert.equal(choiceForResume('wasm', avx2), 'wasm');
    assert.equal(choiceForResume('avx512', avx2), 'avx512');
    assert.equal(choiceForResume('tensorflow', avx2), 'tensorflow');
    assert.equal(choiceForResume('auto', 'wasm simd128 no-fma 0123456789ab'), 'simd128');
    assert.equal(choiceForResume('auto', 'tensorflow cpu 4.22.0'), 'tensorflow');
    assert.equal(choiceForResume('auto', ''), 'auto');
  });

  test('`relaxed-simd` where Node has none is refused; `wasm` takes simd128 then', async () => {
    const { validate } = WebAssembly;
    WebAssembly.validate = () => false;
    try {
      await assert.rejects(loadKernels('relaxed-simd'), /has no relaxed SIMD/);
      assert.equal((await loadKernels('wasm')).instructionSet, 'simd128');
    } finally {
      WebAssembly.validate = validate;
    }
  });
});

describe('engine: shared memory', () => {
  const real = WebAssembly.Memory;
  afterEach(() => {
    WebAssembly.Memory = real;
  });

  /** A system that lets a process reserve so many pages. */
  function limited(pages: number): void {
    WebAssembly.Memory = class extends real {
      constructor(descriptor: ConstructorParameters<typeof real>[0]) {
        if (descriptor.maximum > pages) throw new RangeError('could not allocate memory');
        super(descriptor);
      }
    };
  }

  test('of a system that gives less than 4 GB is as much as it gives', () => {
    limited(1024);
    const memory = createMemory(heapBase);
    growMemory(memory, 1024 * 65536);
    assert.throws(
      () => growMemory(memory, 1025 * 65536),
      (error: unknown) =>
        error instanceof UserError && /0\.067 GB .*which the system does not give it/.test(error.message),
    );
  });

  test('of a system that gives too little is a UserError that says how much is needed', () => {
    limited(1);
    assert.throws(
      () => createMemory(200e6),
      (error: unknown) =>
        error instanceof UserError &&
        /needs 0\.200 GB of memory that its threads share, which the system does not give it/.test(
          error.message,
        ) &&
        /Close other programs/.test(error.advice),
    );
  });
});
