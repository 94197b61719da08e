import * as vscode from 'vscode';
import type { EngineChoice } from '../engine/choice.ts';
import { kernelTargets, type KernelTarget } from '../firmware/kernel-target.ts';
import { toolVariable } from '../firmware/tools.ts';
import type { FlashInputs } from '../jobs/flash.ts';
import { settingIds, toolSettings } from './ids.ts';

function setting<T>(id: string): T | undefined {
  return vscode.workspace.getConfiguration().get<T>(id);
}

/** Threads of the training engine; undefined: as many as there are cores. */
export function trainingThreads(): number | undefined {
  const threads = setting<number>(settingIds.threads) ?? 0;
  return threads > 0 ? threads : undefined;
}

export function showsCurves(): boolean {
  return setting<boolean>(settingIds.showCurves) ?? true;
}

export function showsInlayHints(): boolean {
  return setting<boolean>(settingIds.inlayHints) ?? true;
}

/** What kernels are chosen for in the firmware of a folder. */
export function kernelTarget(folder: vscode.Uri): KernelTarget {
  const named = vscode.workspace.getConfiguration(undefined, folder).get<string>(settingIds.kernels);
  return kernelTargets.find((target) => target === named) ?? 'balanced';
}

/** The probe that is set up; undefined: the one that is found. */
export function configuredProbe(): FlashInputs['probe'] {
  const kind = setting<string>(settingIds.probe) ?? 'auto';
  if (kind === 'auto') return undefined;
  if (kind === 'custom') return { kind, commands: setting<string[]>(settingIds.adapterCommands) ?? [] };
  return { kind } as FlashInputs['probe'];
}

/** Environment variables by which jobs learn of engines and tools; empty text: not set. */
export function jobEnvironment(): Record<string, string> {
  const engine = setting<EngineChoice>(settingIds.engine) ?? 'auto';
  return {
    ...toolEnvironment(),
    ECG_ENGINE: engine === 'auto' ? '' : engine,
    ECG_TENSORFLOW: (setting<string>(settingIds.tensorflow) ?? '').trim(),
  };
}

/** Those of them that say where tools are, which is all that tasks need. */
export function toolEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(toolSettings).map(([id, tool]) => [
      toolVariable(tool),
      (setting<string>(id) ?? '').trim(),
    ]),
  );
}
