import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { SerialPortInfo } from '../../../src/firmware/serial-port.ts';
import type { BoardVerification } from '../../../src/jobs/verify.ts';
import { commandIds } from '../../../src/vscode/ids.ts';
import { needsSocat } from '../../require.ts';
import { answering, findRun, inWorkspace, nextEvent, run, studioApi } from '../studio.ts';

interface PortItem {
  label: string;
  description?: string;
  detail?: string;
}

const enterPort = '$(edit) Enter a Port …';
const lookAgain = '$(refresh) Look Again';

/** A board with the run's application behind a serial port of the operating system. */
class Board {
  port = '';
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess) {
    this.#process = process;
  }

  static async start(folder: string, state: 'whole' | 'damaged'): Promise<Board> {
    const { extensionPath } = (await studioApi()).studio.context;
    const script = path.join(extensionPath, 'test', 'firmware', 'register-model', 'board-process.ts');
    const made = inWorkspace('..', `modelled board ${state}`);
    const board = new Board(
      spawn(process.execPath, [script, folder, made, state], {
        env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
        stdio: ['pipe', 'pipe', 'inherit'],
      }),
    );
    const { stdout } = board.#process;
    assert.ok(stdout);
    const [line] = (await once(stdout, 'data')) as [Buffer];
    board.port = line.toString().trim();
    return board;
  }

  async stop(): Promise<void> {
    this.#process.stdin?.end();
    await once(this.#process, 'exit');
  }
}

/** The items that a pick offers, once they are there, and the one of this label chosen. */
async function choose(
  items: unknown,
  label: string,
  offered: PortItem[][] = [],
): Promise<PortItem | undefined> {
  const list = (await items) as PortItem[];
  offered.push(list);
  return list.find((item) => item.label === label);
}

/** Verify on a board whose port is typed. */
function verifyAt(port: string, folder: string): Promise<BoardVerification | undefined> {
  const typing = answering(
    'showInputBox',
    () => port,
    async () => {
      const picking = await answering(
        'showQuickPick',
        (items) => choose(items, enterPort),
        () => run<BoardVerification | undefined>(commandIds.verifyBoard, folder),
      );
      return picking.result;
    },
  );
  return typing.then(({ result }) => result);
}

describe('a board at a serial port', () => {
  it('is asked for among the ports, those first that say who made them; where there is none it is told what to do', async () => {
    const { studio } = await studioApi();
    const folder = await findRun(await studioApi(), 'tiny');
    const offered: PortItem[][] = [];
    const found: SerialPortInfo[][] = [
      [],
      [
        { path: '/dev/ttyS0', manufacturer: undefined, serialNumber: undefined },
        { path: '/dev/ttyACM0', manufacturer: 'SEGGER', serialNumber: '000683' },
      ],
    ];
    const jobs = studio.jobs as unknown as { start(start: { name: string }): Promise<unknown> };
    const start = jobs.start.bind(jobs);
    jobs.start = (wanted) => (wanted.name === 'serialPorts' ? Promise.resolve(found.shift()) : start(wanted));
    try {
      const { result, asked } = await answering(
        'showQuickPick',
        (items) => choose(items, offered.length === 0 ? lookAgain : 'none of them', offered),
        () => run(commandIds.verifyBoard, folder),
      );
      assert.equal(result, undefined);
      assert.equal(asked.length, 2);
    } finally {
      jobs.start = start;
    }
    const [none, two] = offered;
    assert.deepEqual(
      none.map(({ label }) => label),
      [lookAgain, enterPort],
    );
    assert.match(none[0].detail ?? '', /No serial port was found\. Plug the board in/);
    assert.deepEqual(two.map(({ label, description }) => [label, description]).slice(0, 2), [
      ['$(plug) /dev/ttyACM0', 'SEGGER · serial number 000683'],
      ['$(plug) /dev/ttyS0', ''],
    ]);
    assert.ok(two.every(({ detail }) => detail === undefined));
  });

  it('that is not there is told with what to do', async () => {
    const folder = await findRun(await studioApi(), 'tiny');
    const { asked, result } = await answering(
      'showErrorMessage',
      () => undefined,
      () => verifyAt('/dev/ttyNOTHING', folder),
    );
    assert.equal(result, undefined);
    assert.match(String(asked[0][0]), /the serial port cannot be opened: there is no such port/);
  });

  if (needsSocat.skip === false) {
    it('is compared with the host, and the report shows what was measured', async function () {
      this.timeout(120_000);
      const { studio } = await studioApi();
      const folder = await findRun(await studioApi(), 'tiny');
      const board = await Board.start(folder, 'whole');
      try {
        const { result, asked } = await answering(
          'showInformationMessage',
          () => undefined,
          () => verifyAt(board.port, folder),
        );
        assert.ok(result);
        assert.equal(result.mismatches + result.frontEnd.mismatches, 0);
        assert.match(
          String(asked.at(-1)?.[0]),
          /tiny: the board at .*board computes what the host computes\. [\d,]+ values of all layers in \d+ windows .* 0 differ\. [\d,]+ cycles a window, [\d.]+ ms \(measured on the device\)/,
        );
        const { measured, report } = await studio.panels.firmware.show(folder, true);
        assert.equal(measured?.unit, 'cycles');
        assert.equal(measured.difference, undefined);
        assert.equal(measured.blocks.length, report?.blocks.length);

        const { asked: complaints } = await answering(
          'showErrorMessage',
          () => undefined,
          async () => {
            const started = nextEvent(studio.jobs.onDidStart, ({ name }) => name === 'verifyBoard');
            const ended = verifyAt(board.port, folder);
            (await started).cancel();
            assert.equal(await ended, undefined, 'it was cancelled');
          },
        );
        assert.deepEqual(complaints, []);
      } finally {
        await board.stop();
      }
    });

    it('that computes something else is told by record, layer, channel, position and both values', async function () {
      this.timeout(120_000);
      const { studio } = await studioApi();
      const folder = await findRun(await studioApi(), 'tiny');
      const board = await Board.start(folder, 'damaged');
      try {
        const { asked } = await answering(
          'showErrorMessage',
          () => undefined,
          () => verifyAt(board.port, folder),
        );
        const message = String(asked[0][0]);
        assert.match(
          message,
          /the host differ in \d+ values; first: record \S+, window \d+: dense-1, channel 0, position 0 \(logit of N\) is -?\d+, on the host -?\d+\. The firmware must not be used\./,
        );
        assert.doesNotMatch(message, /[{}]/);
        const { measured } = await studio.panels.firmware.show(folder, true);
        assert.match(measured?.difference ?? '', /first: record/);
      } finally {
        await board.stop();
        await vscode.commands.executeCommand('workbench.action.closeAllEditors');
      }
    });
  }
});
