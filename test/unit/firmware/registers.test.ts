import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, it } from 'node:test';
import { productRoot } from '../../../src/common/product.ts';
import { fieldText, fieldValue, flag, bits, hexText } from '../../../src/firmware/registers/register.ts';
import { peripherals } from '../../../src/firmware/registers/table.ts';
import { RegisterValues } from '../../../src/vscode/debug/register-values.ts';
import type { Target } from '../../../src/vscode/debug/target.ts';

const registers = peripherals.flatMap((peripheral) =>
  peripheral.registers.map((register) => ({ peripheral: peripheral.name, ...register })),
);
const byAddress = new Map(registers.map((register) => [register.address, register]));

describe('the table of registers', () => {
  it('has every address that the firmware touches by its name, but for tasks, which cannot be read', () => {
    const header = path.join(productRoot, ...['firmware-templates', 'nrf52832', 'application', 'nrf.h']);
    const defined = [...fs.readFileSync(header, 'utf8').matchAll(/^#define (\w+?)_(\w+) (0x[45]\w{7})u/gm)];
    assert.ok(defined.length > 30);
    let found = 0;
    for (const [, peripheral, name, text] of defined) {
      // What is written only: tasks, the register that feeds the watchdog, and speeds, which are no addresses.
      if (name.startsWith('TASKS_') || name === 'RR0' || /RELOAD/.test(name)) continue;
      const register = byAddress.get(Number(text));
      assert.ok(register, `${peripheral}_${name} at ${text}`);
      const plain = (written: string): string =>
        written.replaceAll(/[^A-Z0-9]/g, '').replace(/^UARTE0/, 'UARTE');
      assert.equal(plain(register.name), plain(name), text);
      assert.equal(plain(register.peripheral), plain(peripheral), text);
      found++;
    }
    assert.ok(found >= 25, String(found));
  });

  it('has each address and each name once, at words', () => {
    assert.equal(byAddress.size, registers.length);
    assert.equal(new Set(registers.map((r) => `${r.peripheral}.${r.name}`)).size, registers.length);
    for (const { name, address } of registers) assert.equal(address % 4, 0, name);
  });

  it('has fields that lie in 32 bits and on no other', () => {
    for (const { peripheral, name, fields } of registers) {
      let taken = 0n;
      for (const { bit, width, name: field } of fields) {
        const mask = ((1n << BigInt(width)) - 1n) << BigInt(bit);
        assert.equal(taken & mask, 0n, `${peripheral}.${name}.${field}`);
        taken |= mask;
      }
      assert.ok(taken < 1n << 32n, `${peripheral}.${name}`);
    }
  });

  it('has no register that reading changes, and none that can be written only', () => {
    // RXD of a UART gives a byte away; tasks and the reload register of the watchdog read as nothing.
    for (const { peripheral, name } of registers) {
      assert.ok(!/^(TASKS_|RR\[|ERASE|SYSTEMOFF)/.test(name), `${peripheral}.${name}`);
    }
    assert.equal(byAddress.get(0x40002518), undefined);
  });
});

describe('a value', () => {
  it('is told by its fields', () => {
    const config = byAddress.get(0x40007518);
    assert.ok(config);
    const told = Object.fromEntries(config.fields.map((field) => [field.name, fieldText(field, 0x00120500)]));
    assert.deepEqual(told, {
      RESP: '0 (bypass)',
      RESN: '0 (bypass)',
      GAIN: '5 (1)',
      REFSEL: '0 (internal, 0.6 V)',
      TACQ: '2 (10 µs)',
      MODE: '1 (differential)',
      BURST: '0 (off)',
    });
  });

  it('of 32 bits, or with its highest bit set, has no sign', () => {
    assert.equal(fieldValue(bits('ALL', 0, 32), 0xffffffff), 0xffffffff);
    assert.equal(
      fieldText(flag('CONNECT', 31, 'connected', 'not connected'), 0xffffffff),
      '1 (not connected)',
    );
    assert.equal(hexText(0xfffffff5), '0xfffffff5');
  });
});

/** Words that a board would give. */
function board(words: Map<number, number>, asked: number[] = []): Target {
  return {
    configuration: { type: 'ecg-nrf52', name: '', request: 'launch', runsOn: 'board' },
    customRequest: (_command: string, { memoryReference }: { memoryReference: string }) => {
      const address = Number(memoryReference);
      asked.push(address);
      const word = words.get(address);
      if (word === undefined) return Promise.reject(new Error('Cannot access memory'));
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(word);
      return Promise.resolve({ data: bytes.toString('base64') });
    },
  };
}

describe('registers of a board', () => {
  const wdt = peripherals.find(({ name }) => name === 'WDT');
  assert.ok(wdt);
  const all = (value: number) => new Map(wdt.registers.map(({ address }) => [address, value]));

  it('are read, and marked where they are not what they were at the stop before', async () => {
    const values = new RegisterValues();
    const words = all(1);
    const first = await values.read(wdt, board(words));
    assert.ok(first.every(({ value, changed }) => value === 1 && !changed));
    values.nextStop();
    words.set(0x40010504, 7);
    const second = await values.read(wdt, board(words));
    assert.deepEqual(
      second.filter(({ changed }) => changed).map(({ register, value }) => [register.name, value]),
      [['CRV', 7]],
    );
    // Looked at again at the same stop, it still is.
    const again = await values.read(wdt, board(words));
    assert.deepEqual(again, second);
    values.forget();
    assert.ok((await values.read(wdt, board(words))).every(({ changed }) => !changed));
  });

  it('that cannot be read say why, and the others are shown', async () => {
    const words = all(1);
    words.delete(0x40010400);
    const found = await new RegisterValues().read(wdt, board(words));
    const [missing, ...others] = found.filter(({ value }) => value === undefined);
    assert.deepEqual([missing.register.name, others], ['RUNSTATUS', []]);
    assert.match(missing.error, /Cannot access/);
  });

  it('are not asked for in the emulator, whose addresses are other things', async () => {
    const asked: number[] = [];
    const target = board(all(1), asked);
    const emulator = { ...target, configuration: { ...target.configuration, runsOn: 'emulator' } };
    const found = await new RegisterValues().read(wdt, emulator);
    assert.deepEqual([found.filter(({ value }) => value !== undefined), asked], [[], []]);
  });
});
