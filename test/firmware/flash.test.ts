import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { before, describe, it } from 'node:test';
import { CancelledError, MissingToolError, UserError } from '../../src/common/errors.ts';
import { Cancellation, silentContext, type JobContext, type Progress } from '../../src/common/job.ts';
import { applicationOf } from '../../src/firmware/build.ts';
import { ElfImage } from '../../src/firmware/elf.ts';
import { attach, LockedChipError, program } from '../../src/firmware/flash.ts';
import { readIntelHex } from '../../src/firmware/intel-hex.ts';
import { ProbeError } from '../../src/firmware/probe-error.ts';
import { findProbes } from '../../src/firmware/probes.ts';
import { probesJob } from '../../src/jobs/flash.ts';
import { deviceFrontEnd } from '../../src/quantization/device-input.ts';
import { IntegerRuntime } from '../../src/quantization/runtime.ts';
import { temporaryFolder } from '../fixtures/workspace.ts';
import { needsArmGcc, needsGdb, needsOpenOcd } from '../require.ts';
import { virtualProbe } from '../virtual-board/adapter.ts';
import { pageBytes, type VirtualChip } from '../virtual-board/chip.ts';
import { VirtualStLink, type BoardFaults } from '../virtual-board/virtual-st-link.ts';
import { randomWindows } from '../unit/quantization/networks.ts';
import { needsEmulator, project, small, smallInteger } from './projects.ts';
import { runFlash } from './run-flash.ts';

const folder = temporaryFolder();
const untouched = { pagesErased: 0, wordsWritten: 0, wholeErases: 0 };

/** Flash a virtual board as the job does. */
async function flash(
  hex: string,
  faults: BoardFaults,
  options: { locked?: boolean; eraseLocked?: boolean; context?: JobContext } = {},
): Promise<{ chip: VirtualChip; bytes: number | undefined; error: unknown }> {
  const board = new VirtualStLink(faults);
  const { chip } = board;
  // What was on the chip before.
  chip.flash.fill(0x5a);
  if (options.locked) chip.lock();
  const context = options.context ?? silentContext();
  const selection = virtualProbe(await board.start());
  try {
    const probe = await attach(selection, options.eraseLocked ?? false, context);
    return { chip, bytes: (await program(hex, probe, context)).bytes, error: undefined };
  } catch (error) {
    return { chip, bytes: undefined, error };
  } finally {
    await board.stop();
    assert.deepEqual([...board.unknown], [], 'the virtual probe knows every command');
  }
}

/** What is on the chip: what was there before, the image, or neither. */
function contentOf(chip: VirtualChip, hex: string): 'old' | 'new' | 'neither' {
  if (chip.flash.every((byte) => byte === 0x5a)) return 'old';
  const holds = readIntelHex(hex).every(({ address, bytes }) =>
    bytes.equals(chip.flash.subarray(address, address + bytes.length)),
  );
  return holds ? 'new' : 'neither';
}

/** Whatever went wrong: what the user is told of the chip is true. */
function assertTold(chip: VirtualChip, hex: string, error: unknown): void {
  const content = contentOf(chip, hex);
  if (error === undefined) return assert.equal(content, 'new');
  assert.ok(error instanceof UserError, 'an error for the user');
  assert.ok(error.message !== '' && error.advice !== '', 'what happened and what to do');
  assert.doesNotMatch(error.message, /undefined|OpenOCD gave no reason/);
  const text = `${error.message} ${error.advice}`;
  if (/Nothing (?:on the chip )?was changed/.test(text) || error instanceof ProbeError) {
    if (!/was erased/.test(text)) assert.equal(content, 'old', text);
  } else if (/programmed and verified, but/.test(text)) assert.equal(content, 'new', text);
  else assert.match(text, /incomplete image|was erased and holds no firmware|The erase was begun/);
}

function assertHolds(chip: VirtualChip, hex: string): void {
  for (const { address, bytes } of readIntelHex(hex)) {
    assert.ok(
      bytes.equals(chip.flash.subarray(address, address + bytes.length)),
      'the image is in the flash',
    );
  }
}

describe('flashing by the real OpenOCD', { skip: needsArmGcc.skip || needsOpenOcd.skip }, () => {
  let hex: string;
  let elf: string;
  before(async () => {
    // Characters that Tcl, shells and OpenOCD's own scripts would take apart.
    const odd = process.platform === 'win32' ? "it's [x] {y}" : 'it\'s "a" $HOME; [exit] {x \\';
    const options = { frontEnd: deviceFrontEnd(small, 0.15) };
    ({ hex, elf } = applicationOf(await project(smallInteger, path.join(folder, odd), 'release', options)));
  });

  it(
    'what the chip received computes, in the emulator, the logits of the host',
    { skip: needsEmulator.skip || needsGdb.skip },
    async () => {
      const { chip, error } = await flash(hex, {});
      assert.equal(error, undefined);
      const windows = randomWindows(small, 4, 7);
      const runtime = await IntegerRuntime.create(smallInteger);
      const expected = windows.map((window) => [...runtime.runWindow(window).logits]);
      runtime.close();
      const work = path.join(folder, 'run');
      assert.deepEqual(runFlash(chip.flash, elf, smallInteger, windows, work), expected);
      // One bit of one weight.
      const weights = new ElfImage(elf).symbol('block0_weights');
      const damaged = chip.flash.map((byte, at) => (at === weights.address ? byte ^ 0x40 : byte));
      assert.notDeepEqual(runFlash(damaged, elf, smallInteger, windows, `${work} damaged`), expected);
    },
  );

  it('the image is in the flash byte for byte, only its pages were erased, and the chip was reset', async () => {
    const stages: Progress[] = [];
    const context = { ...silentContext(), progress: (snapshot: Progress) => void stages.push(snapshot) };
    const { chip, bytes, error } = await flash(hex, {}, { context });
    assert.equal(error, undefined);
    assertHolds(chip, hex);
    const pages = Math.ceil(bytes! / pageBytes);
    assert.deepEqual(chip.counts, { pagesErased: pages, wordsWritten: bytes! / 4, wholeErases: 0 });
    assert.ok(
      chip.flash.subarray(pages * pageBytes).every((byte) => byte === 0x5a),
      'the rest is as it was',
    );
    assert.ok(chip.core.instructions > bytes!, "OpenOCD's loader and checksum ran on the virtual core");
    assert.ok(!chip.core.halted, 'the chip runs');
    assert.ok(chip.resets >= 3);
    const names = [...new Set(stages.map(({ stage }) => stage))];
    assert.deepEqual(
      names
        .filter((name) => /attach|programming|verifying|started/.test(name))
        .map((name) => name.split(' ')[0]),
      ['attaching', 'programming', 'verifying', 'flashed,'],
    );
    assert.deepEqual(stages.at(-1), {
      stage: 'flashed, verified and started',
      done: bytes,
      total: bytes,
      unit: 'bytes',
    });
  });

  it('a locked chip is refused, with what an erase would lose, and nothing is written', async () => {
    const { chip, error } = await flash(hex, {}, { locked: true });
    assert.ok(error instanceof LockedChipError, String(error));
    assert.match(error.advice, /erases everything .*firmware.*data.*UICR/);
    assert.deepEqual(chip.counts, untouched);
    assert.ok(chip.locked && chip.flash.every((byte) => byte === 0x5a));
  });

  it('with consent a locked chip is erased, unlocked, programmed and verified', async () => {
    const { chip, error } = await flash(hex, {}, { locked: true, eraseLocked: true });
    assert.equal(error, undefined);
    assert.equal(chip.counts.wholeErases, 1);
    assert.ok(!chip.locked);
    assertHolds(chip, hex);
  });

  it('consent to erase a locked chip erases nothing of an open one', async () => {
    const { chip, error } = await flash(hex, {}, { eraseLocked: true });
    assert.equal(error, undefined);
    assert.equal(chip.counts.wholeErases, 0);
  });

  it('another chip is named and left alone', async () => {
    const { chip, error } = await flash(hex, { part: 0x52840 });
    assertProbeError(error, 'wrong-chip', /wrong chip: found nRF52840 .*nRF52832/);
    assert.deepEqual(chip.counts, untouched);
    const foreign = await flash(hex, { foreign: true });
    assertProbeError(foreign.error, 'wrong-chip', /found a chip that is no nRF52/);
    assert.deepEqual(foreign.chip.counts, untouched);
  });

  it('a locked chip that turns out to be another one is not programmed, and the error says that it was erased', async () => {
    const { chip, error } = await flash(hex, { part: 0x52840 }, { locked: true, eraseLocked: true });
    assertProbeError(error, 'wrong-chip', /found nRF52840/);
    assert.match((error as ProbeError).advice, /was erased/);
    assert.equal(chip.counts.wordsWritten, 0);
  });

  const faults: Record<string, { faults: BoardFaults; locked?: boolean; message: RegExp }> = {
    'no chip behind the probe': { faults: { noTarget: true }, message: /no chip answers behind it/ },
    'a board without power': { faults: { noTarget: true, millivolts: 300 }, message: /no power \(0\.3 V\)/ },
    'a probe that another program uses': { faults: { busy: true }, message: /in use by another program/ },
    'an nRF52840': { faults: { part: 0x52840 }, message: /found nRF52840/ },
    'an nRF52805': { faults: { part: 0x52805 }, message: /found nRF52805/ },
    'a chip of another maker': { faults: { foreign: true }, message: /no nRF52/ },
    'a locked nRF52840': { faults: { part: 0x52840 }, locked: true, message: /found nRF52840/ },
    'a locked chip whose erase does not end': {
      faults: { recovery: 'hangs' },
      locked: true,
      message: /could not be erased and unlocked/,
    },
    'a chip that stays locked after its erase': {
      faults: { recovery: 'stays-locked' },
      locked: true,
      message: /erased, but it stays locked/,
    },
    'flash that takes no writes': {
      faults: { writes: 'ignored' },
      message: /read back from the chip differs/,
    },
    'flash that refuses writes': { faults: { writes: 'fault' }, message: /could not be programmed/ },
    'one bit of flash that is stuck': {
      faults: { stuckWord: 0x204 },
      message: /read back from the chip differs/,
    },
    'a worn page': {
      faults: { wornPage: 2 },
      message: /could not be programmed|read back from the chip differs/,
    },
    'a flash controller that is never ready again': {
      faults: { neverReady: true },
      message: /could not be programmed/,
    },
    'power that fails in the middle': {
      faults: { powerFailsAfterWords: 700 },
      message: /could not be programmed|connection .* was lost/,
    },
    'a cable that is pulled at the first word': {
      faults: { cutAfterWords: 1 },
      message: /connection .* was lost/,
    },
    'a cable that is pulled in the middle': {
      faults: { cutAfterWords: 1500 },
      message: /connection .* was lost/,
    },
  };
  for (const [what, { faults: given, locked, message }] of Object.entries(faults)) {
    it(`${what}: says so, and what is on the chip`, async () => {
      const { chip, error } = await flash(hex, given, { locked, eraseLocked: locked });
      assert.match(String(error), message);
      assertTold(chip, hex, error);
    });
  }

  it('a cable that is pulled at any time: what is said of the chip is true', async () => {
    const whole = new VirtualStLink();
    const context = silentContext();
    const probe = await attach(virtualProbe(await whole.start()), false, context);
    const attaching = whole.commands;
    await program(hex, probe, context);
    await whole.stop();
    const all = whole.commands;
    assert.ok(all - attaching > 100);
    const said = new Set<string>();
    // While it attaches, in the middle of each part of the rest, and at the last command.
    const times = [1, attaching - 1, ...[1, 2, 3, 4, 5].map((i) => Math.round(attaching + ((all - attaching) * i) / 6)), all - 1]; // prettier-ignore
    for (const cutAfterCommands of times) {
      const { chip, error } = await flash(hex, { cutAfterCommands });
      assertTold(chip, hex, error);
      said.add(String(error).replace(/Error: the connection.*was lost while the chip was /, ''));
    }
    assert.ok(said.size >= 3, [...said].join('; '));
  });

  it('cancelling ends OpenOCD and everything with it', async () => {
    const cancellation = new Cancellation();
    const context = {
      ...silentContext(cancellation),
      progress: ({ stage }: Progress) => stage === 'programming' && cancellation.cancel(),
    };
    const { error } = await flash(hex, {}, { context: context });
    assert.ok(error instanceof CancelledError, String(error));
  });

  it('a damaged image is refused before the chip is touched', async () => {
    const damaged = path.join(folder, 'damaged.hex');
    const text = fs.readFileSync(hex, 'latin1');
    fs.writeFileSync(damaged, text.slice(0, 5000));
    const { chip, error } = await flash(damaged, {});
    assert.match(String(error), /not an Intel HEX record|cut off/);
    assert.deepEqual(chip.counts, untouched);
  });
});

describe('finding probes', { skip: needsOpenOcd.skip }, () => {
  it('a virtual ST-Link tells its name, the supply and the chip', async () => {
    const board = new VirtualStLink({ millivolts: 3300 });
    const selection = virtualProbe(await board.start());
    const probes = await findProbes(selection, silentContext());
    await board.stop();
    assert.deepEqual(probes, [
      { selection, name: 'ST-Link V2J37S7', description: 'nRF52832, 3.3 V', chip: 'nrf52832' },
    ]);
    assert.deepEqual(board.chip.counts, untouched);
    assert.ok(!board.chip.core.halted, 'looking halts nothing');
  });

  it('where nothing listens no probe is found, and flashing says which kind was looked for and what to do', async () => {
    const board = new VirtualStLink();
    const selection = virtualProbe(await board.start());
    await board.stop();
    assert.deepEqual(await findProbes(selection, silentContext()), []);
    await assert.rejects(attach(selection, false, silentContext()), (error: unknown) => {
      assertProbeError(error, 'no-probe', /no probe was found: custom adapter/);
      assert.match((error as ProbeError).advice, /Plug the probe in/);
      return true;
    });
  });

  it('looking for all kinds ends with those that are there, each at most once', async () => {
    const probes = await findProbes(undefined, silentContext());
    assert.equal(new Set(probes.map(({ selection }) => selection.kind)).size, probes.length);
    for (const probe of probes) assert.ok(probe.name && probe.description);
  });
});

it('OpenOCD that is not where its path says is named with that path', async () => {
  const gone = path.join(folder, 'tools', 'openocd');
  process.env.ECG_TOOL_OPENOCD = gone;
  try {
    await assert.rejects(probesJob({}, silentContext()), (error: unknown) => {
      assert.ok(error instanceof MissingToolError);
      assert.equal(error.tool, 'openocd');
      assert.ok(error.describe().includes(gone));
      assert.match(error.advice, /ECG_TOOL_OPENOCD.*apt-get install openocd/);
      return true;
    });
  } finally {
    delete process.env.ECG_TOOL_OPENOCD;
  }
});

function assertProbeError(error: unknown, reason: ProbeError['reason'], message: RegExp): void {
  assert.ok(error instanceof ProbeError, String(error));
  assert.equal(error.reason, reason);
  assert.match(error.message, message);
  assert.ok(error.advice.length > 20);
}
