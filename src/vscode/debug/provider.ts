import * as path from 'node:path';
import * as vscode from 'vscode';
import { CancelledError, UserError } from '../../common/errors.ts';
import { productRoot } from '../../common/product.ts';
import { adapterCommandsOf } from '../../firmware/probes.ts';
import { boardFor } from '../chosen-board.ts';
import { pickRun, trainedRuns } from '../commands/pick.ts';
import { requireRecordingsOf } from '../commands/recordings.ts';
import { DisposableStore } from '../dispose.ts';
import { debugType } from '../ids.ts';
import { configuredProbe } from '../settings.ts';
import { showError } from '../show-error.ts';
import type { Studio } from '../studio.ts';
import { boardConfiguration, emulatorConfiguration } from './adapter-configuration.ts';
import { freePort } from './free-port.ts';
import type { FirmwareDebugConfiguration } from './start.ts';
import type { SessionFacts } from './target.ts';

/** The debug type `ecg-nrf52`: builds, verifies and prepares what is debugged, then hands over to cdt-gdb-adapter. */
export function registerDebugType(studio: Studio): vscode.Disposable {
  const store = new DisposableStore();
  store.add(vscode.debug.registerDebugConfigurationProvider(debugType, new ConfigurationProvider(studio)));
  store.add(vscode.debug.registerDebugAdapterDescriptorFactory(debugType, { createDebugAdapterDescriptor }));
  return store;
}

/** The adapter is a program of its own, run by the same Node as the extension. */
function createDebugAdapterDescriptor(): vscode.DebugAdapterDescriptor {
  const adapter = path.join(
    productRoot,
    ...['dist', 'debug-adapter', 'node_modules', 'cdt-gdb-adapter', 'dist', 'debugTargetAdapter.js'],
  );
  const env = { ...(process.env as Record<string, string>), ELECTRON_RUN_AS_NODE: '1' };
  return new vscode.DebugAdapterExecutable(process.execPath, [adapter], { env });
}

class ConfigurationProvider implements vscode.DebugConfigurationProvider {
  readonly #studio: Studio;

  constructor(studio: Studio) {
    this.#studio = studio;
  }

  provideDebugConfigurations(): vscode.DebugConfiguration[] {
    return [
      {
        type: debugType,
        request: 'launch',
        name: 'Firmware in Emulator',
        run: '${command:ecg.pickRun}',
        target: 'emulator',
        stopAt: 'main',
      },
    ];
  }

  /** F5 without a launch.json: the emulator. */
  async resolveDebugConfiguration(
    _folder: vscode.WorkspaceFolder | undefined,
    given: FirmwareDebugConfiguration,
  ): Promise<FirmwareDebugConfiguration | undefined> {
    if (!vscode.workspace.isTrusted) return undefined;
    if (given.type && given.run !== undefined) return given;
    try {
      const run = await pickRun(this.#studio, undefined, trainedRuns);
      return { ...given, type: debugType, request: 'launch', name: run.info.name, run: run.folder };
    } catch (error) {
      return this.#refused(error);
    }
  }

  /** Variables are in place now: build, prove and prepare. */
  async resolveDebugConfigurationWithSubstitutedVariables(
    folder: vscode.WorkspaceFolder | undefined,
    given: FirmwareDebugConfiguration,
  ): Promise<vscode.DebugConfiguration | undefined> {
    try {
      if (!given.run)
        throw new UserError('the launch configuration names no run', {}, 'Add `"run": "runs/…"`.');
      const run = path.resolve(folder?.uri.fsPath ?? '', given.run);
      await requireRecordingsOf(run);
      const target = given.target ?? 'emulator';
      const stopAt = given.stopAt ?? 'main';
      const board = given.board
        ? path.resolve(folder?.uri.fsPath ?? '', given.board)
        : await boardFor(this.#studio, run);
      const preparation = await this.#studio.jobs.start({
        name: 'prepareDebug',
        title: `Prepare debugging of ${path.basename(run)}`,
        inputs: { run, target, stopAt, record: given.record, board },
      });
      this.#studio.log.info(
        `debug image: ${preparation.valuesCompared} values of record ${preparation.record} compared with the host, 0 differ`,
      );
      const configuration =
        target === 'board'
          ? boardConfiguration(preparation, await this.#adapterCommands())
          : emulatorConfiguration(preparation, await freePort());
      const facts: SessionFacts = { runsOn: target, blocks: preparation.blocks };
      return { ...given, ...configuration, ...facts };
    } catch (error) {
      return this.#refused(error);
    }
  }

  async #adapterCommands(): Promise<readonly string[]> {
    const probe = configuredProbe();
    if (probe) return adapterCommandsOf(probe);
    const [found] = await this.#studio.jobs.start({ name: 'probes', title: 'Find probes', inputs: {} });
    if (!found) {
      throw new UserError(
        'no probe was found',
        {},
        'Plug in a CMSIS-DAP, J-Link or ST-Link probe and power the board; the emulator needs none.',
      );
    }
    return adapterCommandsOf(found.selection);
  }

  #refused(error: unknown): undefined {
    if (!(error instanceof CancelledError)) void showError(this.#studio, 'Debugging', error);
    return undefined;
  }
}
