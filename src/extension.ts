import * as vscode from 'vscode';
import { BoardList } from './vscode/board-list.ts';
import { registerCommand } from './vscode/commands/command.ts';
import { commands } from './vscode/commands/table.ts';
import { showCurvesOfTrainings } from './vscode/commands/training.ts';
import { ComputeClient } from './vscode/compute-client.ts';
import { registerDebugType } from './vscode/debug/provider.ts';
import { Stops } from './vscode/debug/stops.ts';
import { DisposableStore } from './vscode/dispose.ts';
import { registerWaveformEditor } from './vscode/editors/waveform-editor.ts';
import { FileFacts } from './vscode/facts.ts';
import { debugViewIds, viewIds } from './vscode/ids.ts';
import { JobList } from './vscode/job-list.ts';
import { LanguageService } from './vscode/language/service.ts';
import { Log } from './vscode/log.ts';
import { ActivationsPanels } from './vscode/panels/activations-panel.ts';
import { EvaluationPanels } from './vscode/panels/evaluation-panel.ts';
import { FirmwarePanels } from './vscode/panels/firmware-panel.ts';
import { StatisticsPanels } from './vscode/panels/statistics-panel.ts';
import { TrainingPanels } from './vscode/panels/training-panel.ts';
import { RecordFilter } from './vscode/record-filter.ts';
import { RunList } from './vscode/run-list.ts';
import { jobEnvironment } from './vscode/settings.ts';
import { StatusItem } from './vscode/status-item.ts';
import type { Studio } from './vscode/studio.ts';
import { registerFirmwareTasks } from './vscode/tasks/firmware-tasks.ts';
import { BoardsView } from './vscode/views/boards-view.ts';
import { DatasetsView } from './vscode/views/datasets-view.ts';
import { ModelsView } from './vscode/views/models-view.ts';
import { RegistersView } from './vscode/views/registers-view.ts';
import { RunsView } from './vscode/views/runs-view.ts';
import { offerInterruptedRuns, watchCompute } from './vscode/watch-compute.ts';
import { WorkspaceFiles } from './vscode/workspace-files.ts';

/** What tests get from `activate()`: the parts themselves, so that they wait for events and not for time. */
export interface StudioApi {
  studio: Studio;
  views: {
    datasets: DatasetsView;
    models: ModelsView;
    runs: RunsView;
    boards: BoardsView;
    registers: RegistersView;
  };
  status: StatusItem;
  /** ms that `activate` took. */
  activationMs: number;
}

/** Wiring only: no process is started and nothing is waited for here. */
export function activate(context: vscode.ExtensionContext): StudioApi {
  const started = performance.now();
  const store = new DisposableStore();
  context.subscriptions.push(store);
  const log = store.add(new Log());
  const compute = store.add(new ComputeClient(log, jobEnvironment));
  const jobs = store.add(new JobList(compute, log));
  const base = {
    context,
    log,
    compute,
    jobs,
    files: store.add(new WorkspaceFiles()),
    recordFilter: store.add(new RecordFilter()),
    fileFacts: new FileFacts(context.workspaceState),
    runs: store.add(new RunList(jobs, compute)),
    boards: store.add(new BoardList()),
    language: store.add(new LanguageService(log)),
    stops: store.add(new Stops()),
  };
  const studio: Studio = Object.assign(base, { panels: {} as Studio['panels'] });
  Object.assign(studio.panels, {
    training: store.add(new TrainingPanels(studio)),
    evaluation: store.add(new EvaluationPanels(studio)),
    statistics: store.add(new StatisticsPanels(studio)),
    activations: store.add(new ActivationsPanels(studio)),
    firmware: store.add(new FirmwarePanels(studio)),
  });

  const views = {
    datasets: store.add(new DatasetsView(studio)),
    models: store.add(new ModelsView(studio)),
    runs: store.add(new RunsView(studio)),
    boards: store.add(new BoardsView(studio)),
    registers: store.add(new RegistersView(studio)),
  };
  store.add(
    vscode.window.createTreeView(viewIds.datasets, {
      treeDataProvider: views.datasets,
      canSelectMany: true,
      showCollapseAll: true,
    }),
  );
  store.add(vscode.window.registerTreeDataProvider(viewIds.models, views.models));
  store.add(vscode.window.registerTreeDataProvider(viewIds.runs, views.runs));
  store.add(vscode.window.registerTreeDataProvider(viewIds.boards, views.boards));
  const registers = vscode.window.createTreeView(debugViewIds.registers, {
    treeDataProvider: views.registers,
    showCollapseAll: true,
  });
  views.registers.messageTo(store.add(registers));

  for (const command of commands) store.add(registerCommand(studio, command));
  const status = store.add(new StatusItem(studio));
  store.add(registerWaveformEditor(studio));
  store.add(registerFirmwareTasks(studio));
  store.add(registerDebugType(studio));
  store.add(showCurvesOfTrainings(studio));
  store.add(watchCompute(studio));
  void offerInterruptedRuns(studio);
  return { studio, views, status, activationMs: performance.now() - started };
}

/** Everything ends with the context's subscriptions; trainings stop at a batch, with a checkpoint. */
export function deactivate(): void {}
