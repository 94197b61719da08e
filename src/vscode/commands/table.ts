import type { StudioCommand } from './command.ts';
import * as boards from './boards.ts';
import * as datasets from './datasets.ts';
import * as debugging from './debugging.ts';
import * as engine from './engine.ts';
import * as evaluation from './evaluation.ts';
import * as firmware from './firmware.ts';
import * as general from './general.ts';
import { importDataset } from './import.ts';
import * as records from './records.ts';
import * as search from './record-search.ts';
import * as training from './training.ts';
import * as verification from './verify.ts';

/** Every command of the extension. A test compares the ids with package.json. */
export const commands: readonly StudioCommand[] = [
  importDataset,
  datasets.synthesizeDataset,
  datasets.locateDataset,
  datasets.indexDataset,
  datasets.datasetStatistics,
  datasets.openWaveform,
  search.findRecord,
  search.filterRecords,
  search.clearFilter,
  records.relabelRecord,
  records.excludeRecord,
  records.includeRecord,
  records.revealRecord,
  training.newModel,
  training.train,
  training.distill,
  training.resume,
  training.cancel,
  evaluation.quantize,
  evaluation.evaluate,
  evaluation.evaluateInteger,
  evaluation.compare,
  evaluation.showCurves,
  evaluation.showEvaluation,
  evaluation.openReport,
  firmware.generate,
  firmware.build,
  firmware.emulate,
  verification.verify,
  verification.verifyBoard,
  firmware.flash,
  firmware.exportLibrary,
  firmware.firmwareReport,
  debugging.debug,
  debugging.debugBoard,
  debugging.showActivations,
  firmware.findProbes,
  boards.newBoard,
  boards.chooseBoard,
  general.refresh,
  general.showLog,
  general.openWalkthrough,
  general.pickRunForDebug,
  general.revealRun,
  general.deleteRun,
  engine.installTensorFlow,
  general.checkTools,
  general.copyDiagnostics,
];
