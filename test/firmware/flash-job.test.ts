import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { before, describe, it } from 'node:test';
import { MissingToolError } from '../../src/common/errors.ts';
import { sha256 } from '../../src/common/files.ts';
import { silentContext } from '../../src/common/job.ts';
import { LockedChipError } from '../../src/firmware/flash.ts';
import { readIntelHex } from '../../src/firmware/intel-hex.ts';
import { flashJob } from '../../src/jobs/flash.ts';
import { trainJob } from '../../src/jobs/train.ts';
import { folder, inputs } from '../fixtures/tiny-training.ts';
import { needsArmGcc, needsOpenOcd } from '../require.ts';
import { virtualProbe } from '../virtual-board/adapter.ts';
import { VirtualStLink } from '../virtual-board/virtual-st-link.ts';

describe('flashing a run', { skip: needsArmGcc.skip || needsOpenOcd.skip }, () => {
  let run: string;
  before(async () => {
    const small = { ...inputs, runs: path.join(folder, "someone's runs"), threads: 1, epochs: 1 };
    run = (await trainJob(small, silentContext())).run;
  });

  it('builds it and puts it on the chip, locked or not, after asking', async () => {
    const board = new VirtualStLink();
    board.chip.lock();
    const probe = virtualProbe(await board.start());
    try {
      await assert.rejects(flashJob({ run, probe }, silentContext()), LockedChipError);
      assert.ok(!fs.existsSync(path.join(run, 'firmware')), 'who must decide first waits for no build');

      const unlocked = await flashJob({ run, probe, eraseLocked: true }, silentContext());
      assert.equal(unlocked.unlocked, true);
      assert.equal(unlocked.probe.description, 'nRF52832, 3.0 V');
      const again = await flashJob({ run, probe }, silentContext());
      assert.equal(again.unlocked, false);
      assert.equal(again.probe.name, 'ST-Link V2J37S7');
      assert.equal(path.basename(again.hex), 'application.hex');
      assert.equal(again.hexSha256, sha256(fs.readFileSync(again.hex)));
      const parts = readIntelHex(again.hex);
      assert.equal(
        again.bytes,
        parts.reduce((sum, { bytes }) => sum + bytes.length, 0),
      );
      for (const { address, bytes } of parts) {
        assert.ok(bytes.equals(board.chip.flash.subarray(address, address + bytes.length)));
      }
    } finally {
      await board.stop();
    }
  });

  it('a debug build can be flashed too', async () => {
    const board = new VirtualStLink();
    const probe = virtualProbe(await board.start());
    const inputs = { run, probe, configuration: 'debug' } as const;
    const { hex } = await flashJob(inputs, silentContext());
    assert.equal(path.basename(hex), 'application.hex');
    await board.stop();
    assert.equal(path.basename(path.dirname(hex)), 'debug');
  });

  it('without OpenOCD nothing is built', async () => {
    process.env.ECG_TOOL_OPENOCD = path.join(folder, 'no such program');
    try {
      await assert.rejects(flashJob({ run }, silentContext()), MissingToolError);
    } finally {
      delete process.env.ECG_TOOL_OPENOCD;
    }
  });
});
