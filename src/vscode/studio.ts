import type * as vscode from 'vscode';
import type { BoardList } from './board-list.ts';
import type { ComputeClient } from './compute-client.ts';
import type { FileFacts } from './facts.ts';
import type { JobList } from './job-list.ts';
import type { LanguageService } from './language/service.ts';
import type { Log } from './log.ts';
import type { RecordFilter } from './record-filter.ts';
import type { RunList } from './run-list.ts';
import type { WorkspaceFiles } from './workspace-files.ts';
import type { Stops } from './debug/stops.ts';
import type { ActivationsPanels } from './panels/activations-panel.ts';
import type { EvaluationPanels } from './panels/evaluation-panel.ts';
import type { FirmwarePanels } from './panels/firmware-panel.ts';
import type { StatisticsPanels } from './panels/statistics-panel.ts';
import type { TrainingPanels } from './panels/training-panel.ts';

/** What every part of the extension works with; made once in `extension.ts`. */
export interface Studio {
  readonly context: vscode.ExtensionContext;
  readonly log: Log;
  readonly compute: ComputeClient;
  readonly jobs: JobList;
  readonly files: WorkspaceFiles;
  readonly recordFilter: RecordFilter;
  readonly fileFacts: FileFacts;
  readonly runs: RunList;
  readonly boards: BoardList;
  readonly language: LanguageService;
  readonly stops: Stops;
  readonly panels: {
    readonly training: TrainingPanels;
    readonly evaluation: EvaluationPanels;
    readonly statistics: StatisticsPanels;
    readonly activations: ActivationsPanels;
    readonly firmware: FirmwarePanels;
  };
}
