import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { FlashResult, Probe } from '../../../src/jobs/flash.ts';
import { commandIds, contextValues } from '../../../src/vscode/ids.ts';
import { virtualProbe } from '../../virtual-board/adapter.ts';
import { VirtualStLink, type BoardFaults } from '../../virtual-board/virtual-st-link.ts';
import { answering, findRun, run, studioApi } from '../studio.ts';

/** A board behind a software ST-Link that the real OpenOCD drives, set up as a user sets up an adapter of their own. */
async function withBoard<T>(faults: BoardFaults, body: (board: VirtualStLink) => Promise<T>): Promise<T> {
  const board = new VirtualStLink(faults);
  const probe = virtualProbe(await board.start());
  assert.ok(probe.kind === 'custom');
  await configure('custom', probe.commands);
  try {
    return await body(board);
  } finally {
    await configure(undefined, undefined);
    await board.stop();
  }
}

async function configure(probe: string | undefined, commands: readonly string[] | undefined): Promise<void> {
  const configuration = vscode.workspace.getConfiguration('ecg');
  await configuration.update('flash.probe', probe, vscode.ConfigurationTarget.Workspace);
  await configuration.update('flash.adapterCommands', commands, vscode.ConfigurationTarget.Workspace);
}

describe('flashing', () => {
  it('finds the probe and shows it among the boards', async function () {
    this.timeout(60_000);
    const { views } = await studioApi();
    const probes = await withBoard({}, () => run<Probe[]>(commandIds.findProbes));
    assert.equal(probes.length, 1);
    assert.equal(probes[0].chip, 'nrf52832');
    const node = views.boards.getChildren().find((n) => n.kind === 'probe');
    assert.ok(node);
    assert.equal(views.boards.getTreeItem(node).contextValue, contextValues.probe);
  });

  it('programs, verifies and resets an open chip without a question', async function () {
    this.timeout(120_000);
    const folder = await findRun(await studioApi(), 'tiny');
    await withBoard({}, async (board) => {
      const { result, asked } = await answering(
        'showWarningMessage',
        () => undefined,
        () => run<FlashResult>(commandIds.flash, folder),
      );
      assert.deepEqual(asked, []);
      assert.ok(result.bytes > 1000);
      assert.ok(board.chip.counts.wordsWritten * 4 >= result.bytes);
    });
  });

  it('asks before it erases a locked chip, and writes nothing without a yes', async function () {
    this.timeout(120_000);
    const folder = await findRun(await studioApi(), 'tiny');
    await withBoard({}, async (board) => {
      board.chip.lock();
      const refused = await answering(
        'showWarningMessage',
        () => undefined,
        () => run<FlashResult | undefined>(commandIds.flash, folder),
      );
      assert.equal(refused.result, undefined);
      assert.match(String(refused.asked[0][0]), /locked/);
      assert.match(JSON.stringify(refused.asked[0][1]), /erases everything/);
      assert.equal(board.chip.counts.wordsWritten, 0);
      const agreed = await answering(
        'showWarningMessage',
        () => 'Erase Everything and Flash',
        () => run<FlashResult>(commandIds.flash, folder),
      );
      assert.equal(agreed.result.unlocked, true);
      assert.ok(board.chip.counts.wordsWritten > 0);
    });
  });

  it('says in plain words what is missing where there is no probe', async function () {
    this.timeout(60_000);
    const folder = await findRun(await studioApi(), 'tiny');
    const { asked } = await answering(
      'showErrorMessage',
      () => undefined,
      () => run(commandIds.flash, folder),
    );
    assert.match(String(asked[0][0]), /no probe was found.*Plug/);
  });
});
