import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { CancelledError } from '../../common/errors.ts';
import type { FirmwareInputs } from '../../jobs/firmware.ts';
import type { Probe } from '../../jobs/flash.ts';
import type { Jobs } from '../../protocol/compute.ts';
import { eraseLoses } from '../../firmware/erase-loses.ts';
import { bytesText } from '../../model/units.ts';
import { boardFor } from '../chosen-board.ts';
import { LockedError, OverBudgetError } from '../compute-client.ts';
import { commandIds } from '../ids.ts';
import { configuredProbe, kernelTarget } from '../settings.ts';
import { showError } from '../show-error.ts';
import type { Studio } from '../studio.ts';
import { freeFile } from '../workspace-files.ts';
import { call, offerNext, runJob, type StudioCommand } from './command.ts';
import { pickRun, trainedRuns } from './pick.ts';
import { requireRecordingsOf } from './recordings.ts';

/** Enough windows to say something, few enough to be emulated in seconds. */
const emulatedRecords = 5;

type FirmwareJob = 'generate' | 'emulate' | 'verify' | 'verifyBoard' | 'export';
const ofRecordings: ReadonlySet<FirmwareJob> = new Set(['emulate', 'verify', 'verifyBoard']);
type MoreInputs<N extends FirmwareJob> = Omit<Jobs[N]['inputs'], keyof FirmwareInputs>;

/** What a run's firmware is made for, by the settings; asks for the board where there are several and none is chosen. */
export async function firmwareInputs(studio: Studio, run: string): Promise<FirmwareInputs> {
  return { run, kernels: kernelTarget(vscode.Uri.file(run)), board: await boardFor(studio, run) };
}

export async function firmwareJob<N extends FirmwareJob>(
  studio: Studio,
  name: N,
  verb: string,
  argument: unknown,
  more: MoreInputs<N>,
): Promise<{ run: string; name: string; result: Jobs[N]['result'] } | undefined> {
  const run = await pickRun(studio, argument, trainedRuns);
  if (ofRecordings.has(name)) await requireRecordingsOf(run.folder);
  const title = `${verb} ${run.info.name}`;
  const inputs = { ...(await firmwareInputs(studio, run.folder)), ...more } as Jobs[N]['inputs'];
  const result = await runJob(studio, { name, title, inputs });
  studio.runs.refresh();
  return result && { run: run.folder, name: run.info.name, result };
}

export const generate: StudioCommand = {
  id: commandIds.generate,
  needsTrust: true,
  title: 'Generating the firmware',
  async run(studio, argument) {
    const ended = await firmwareJob(studio, 'generate', 'Generate firmware of', argument, {});
    if (!ended) return undefined;
    const readme = vscode.Uri.file(path.join(ended.result.folder, 'README.md'));
    offerNext(`C project of ${ended.name}: ${vscode.workspace.asRelativePath(ended.result.folder)}`, {
      'Open README': () => vscode.commands.executeCommand('markdown.showPreview', readme),
      Build: call(commandIds.build, ended.run),
    });
    return ended.result;
  },
};

export const build: StudioCommand = {
  id: commandIds.build,
  needsTrust: true,
  title: 'Building the firmware',
  async run(studio, argument) {
    const { folder, info } = await pickRun(studio, argument, trainedRuns);
    const title = `Build firmware of ${info.name}`;
    try {
      const inputs = await firmwareInputs(studio, folder);
      const result = await studio.jobs.start({ name: 'build', title, inputs });
      const { flashBytes, ramBytes, imageFlashBytes, imageRamBytes } = result;
      offerNext(
        `${info.name}: network ${bytesText(flashBytes)} of flash, ${bytesText(ramBytes)} of RAM; whole image ${bytesText(imageFlashBytes)} and ${bytesText(imageRamBytes)} (exact).`,
        { Emulate: call(commandIds.emulate, folder), Verify: call(commandIds.verify, folder) },
      );
      await studio.panels.firmware.show(folder, true);
      return result;
    } catch (error) {
      // It is built: the report shows which layers are to blame.
      if (error instanceof OverBudgetError) await studio.panels.firmware.show(folder, true);
      throw error;
    } finally {
      studio.runs.refresh();
    }
  },
};

export const firmwareReport: StudioCommand = {
  id: commandIds.firmwareReport,
  needsTrust: false,
  title: 'Showing the report of the firmware',
  async run(studio, argument) {
    const { folder } = await pickRun(studio, argument, {
      placeholder: 'Run',
      also: ({ firmware }) => firmware,
      none: 'no run in this folder has firmware',
      advice: 'Build it first: `ECG: Build Firmware`.',
    });
    await studio.panels.firmware.show(folder, false);
    return folder;
  },
};

export const emulate: StudioCommand = {
  id: commandIds.emulate,
  needsTrust: true,
  title: 'Emulating the firmware',
  async run(studio, argument) {
    const ended = await firmwareJob(studio, 'emulate', 'Emulate', argument, { records: emulatedRecords });
    if (!ended) return undefined;
    const { records } = ended.result;
    const told = records.map(({ id, label, predicted }) => `${id}: ${label} → ${predicted}`).join(', ');
    studio.log.info(`Emulate ${ended.name}: ${told}`);
    const right = records.filter((r) => r.label === r.predicted).length;
    offerNext(
      `The emulated device got ${right} of ${records.length} test records right (record: label → device): ${told}.`,
      {
        Verify: call(commandIds.verify, ended.run),
        'Debug in Emulator': call(commandIds.debug, ended.run),
      },
    );
    return ended.result;
  },
};

export const flash: StudioCommand = {
  id: commandIds.flash,
  needsTrust: true,
  title: 'Flashing',
  async run(studio, argument) {
    const run = await pickRun(studio, argument, trainedRuns);
    const title = `Flash ${run.info.name}`;
    // Called on a probe of the tree, that one is meant.
    const chosen = (argument as { probe?: Probe } | undefined)?.probe?.selection;
    const made = await firmwareInputs(studio, run.folder);
    const inputs = { ...made, probe: chosen ?? configuredProbe() };
    try {
      return told(await studio.jobs.start({ name: 'flash', title, inputs }), run.info.name);
    } catch (error) {
      if (!(error instanceof LockedError)) {
        void showError(studio, title, error);
        return undefined;
      }
      // Nothing was written yet: the lock is read before anything else.
      const erase = 'Erase Everything and Flash';
      const answer = await vscode.window.showWarningMessage(
        `The chip is locked (access port protection).`,
        { modal: true, detail: `${error.message}. ${eraseLoses}` },
        erase,
      );
      if (answer !== erase) return undefined;
      const result = await runJob(studio, { name: 'flash', title, inputs: { ...inputs, eraseLocked: true } });
      return result && told(result, run.info.name);
    }
  },
};

function told(result: Jobs['flash']['result'], name: string): Jobs['flash']['result'] {
  offerNext(
    `${name} is on the board: ${bytesText(result.bytes)} programmed and verified through ${result.probe.name}; the chip was reset and runs.`,
  );
  return result;
}

/** Write the network as a C library: into the folder that the user chooses, or a new one in it where it is not empty. */
export const exportLibrary: StudioCommand = {
  id: commandIds.exportLibrary,
  needsTrust: true,
  title: 'Exporting the firmware as a library',
  async run(studio, argument) {
    const run = await pickRun(studio, argument, trainedRuns);
    const [chosen] =
      (await vscode.window.showOpenDialog({
        canSelectFiles: false,
        canSelectFolders: true,
        defaultUri: vscode.workspace.getWorkspaceFolder(vscode.Uri.file(run.folder))?.uri,
        openLabel: 'Export Here',
        title: `Folder for the C library of ${run.info.name}`,
      })) ?? [];
    if (!chosen) throw new CancelledError();
    const empty = (await fs.readdir(chosen.fsPath)).length === 0;
    const output = empty ? chosen.fsPath : await freeFile(chosen.fsPath, `${run.info.name}-library`, '');
    const ended = await firmwareJob(studio, 'export', 'Export library of', run.folder, { output });
    if (!ended) return undefined;
    const readme = vscode.Uri.file(path.join(output, 'README.md'));
    await vscode.commands.executeCommand('markdown.showPreview', readme);
    offerNext(
      `C library of ${ended.name}: ${ended.result.files.length} files in ${vscode.workspace.asRelativePath(output)}. Its README says how to use it.`,
      { 'Reveal README': () => vscode.commands.executeCommand('revealInExplorer', readme) },
    );
    return ended.result;
  },
};

export const findProbes: StudioCommand = {
  id: commandIds.findProbes,
  needsTrust: true,
  title: 'Finding probes',
  async run(studio) {
    const probe = configuredProbe();
    const probes = await runJob(studio, { name: 'probes', title: 'Find probes', inputs: { probe } });
    if (!probes) return undefined;
    studio.boards.found(probes);
    if (probes.length === 0) {
      void vscode.window.showWarningMessage(
        'No probe was found. Plug in a CMSIS-DAP, J-Link or ST-Link probe, power the board, and look again. On Linux, udev rules may be needed to use it without root.',
      );
    }
    return probes;
  },
};
