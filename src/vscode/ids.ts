/** Every id that package.json contributes; a test compares the two. Imports nothing, so that tests and others can read it. */

export const commandIds = {
  importDataset: 'ecg.importDataset',
  synthesizeDataset: 'ecg.synthesizeDataset',
  locateDataset: 'ecg.locateDataset',
  indexDataset: 'ecg.indexDataset',
  datasetStatistics: 'ecg.datasetStatistics',
  openWaveform: 'ecg.openWaveform',
  findRecord: 'ecg.findRecord',
  relabelRecord: 'ecg.relabelRecord',
  excludeRecord: 'ecg.excludeRecord',
  includeRecord: 'ecg.includeRecord',
  revealRecord: 'ecg.revealRecord',
  filterRecords: 'ecg.filterRecords',
  clearFilter: 'ecg.clearFilter',
  newModel: 'ecg.newModel',
  train: 'ecg.train',
  distill: 'ecg.distill',
  resume: 'ecg.resume',
  cancel: 'ecg.cancel',
  quantize: 'ecg.quantize',
  evaluate: 'ecg.evaluate',
  evaluateInteger: 'ecg.evaluateInteger',
  compare: 'ecg.compare',
  showCurves: 'ecg.showCurves',
  showEvaluation: 'ecg.showEvaluation',
  openReport: 'ecg.openReport',
  revealRun: 'ecg.revealRun',
  deleteRun: 'ecg.deleteRun',
  generate: 'ecg.firmware.generate',
  build: 'ecg.firmware.build',
  emulate: 'ecg.firmware.emulate',
  verify: 'ecg.firmware.verify',
  verifyBoard: 'ecg.firmware.verifyBoard',
  flash: 'ecg.firmware.flash',
  exportLibrary: 'ecg.firmware.export',
  firmwareReport: 'ecg.firmware.report',
  debug: 'ecg.firmware.debug',
  debugBoard: 'ecg.firmware.debugBoard',
  showActivations: 'ecg.showActivations',
  findProbes: 'ecg.findProbes',
  newBoard: 'ecg.newBoard',
  chooseBoard: 'ecg.chooseBoard',
  installTensorFlow: 'ecg.installTensorFlow',
  checkTools: 'ecg.checkTools',
  refresh: 'ecg.refresh',
  showLog: 'ecg.showLog',
  copyDiagnostics: 'ecg.copyDiagnostics',
  openWalkthrough: 'ecg.openWalkthrough',
} as const;
export type CommandId = (typeof commandIds)[keyof typeof commandIds];

/** Not in the palette: called by launch configurations. */
export const pickRunCommand = 'ecg.pickRun';

export const viewIds = {
  datasets: 'ecg.datasets',
  models: 'ecg.models',
  runs: 'ecg.runs',
  boards: 'ecg.boards',
} as const;

/** In the side bar of the debugger. */
export const debugViewIds = { registers: 'ecg.registers' } as const;

/** `edf` is the same editor for files that are nothing but recordings, and opens them unasked. */
export const editorIds = { waveform: 'ecg.waveform', edf: 'ecg.edf' } as const;
export const panelIds = {
  training: 'ecg.training',
  evaluation: 'ecg.evaluation',
  statistics: 'ecg.statistics',
  activations: 'ecg.activations',
  firmware: 'ecg.firmwareReport',
} as const;
export const languageIds = { model: 'ecgmodel', dataset: 'ecgdata', board: 'ecgboard' } as const;
export const debugType = 'ecg-nrf52';
export const taskType = 'ecg-firmware';
export const problemMatcher = '$ecg-gcc';
export const walkthroughId = 'ecg-studio.ecg-studio#ecg.start';

/** Scheme of a record of a dataset in an editor. */
export const recordScheme = 'ecg-record';

/** Values of `viewItem` that menus ask for. */
export const contextValues = {
  dataset: 'dataset',
  movedDataset: 'dataset-moved',
  record: 'record',
  excludedRecord: 'record-excluded',
  model: 'model',
  modelWithTeacher: 'model-distil',
  brokenModel: 'model-errors',
  emulator: 'emulator',
  probe: 'probe',
  boardFile: 'board-file',
} as const;

/** Context keys that menus ask for. */
export const contextKeys = { recordsFiltered: 'ecg.recordsFiltered' } as const;

export const settingIds = {
  inlayHints: 'ecg.inlayHints.enabled',
  threads: 'ecg.training.threads',
  engine: 'ecg.engine',
  tensorflow: 'ecg.tensorflow.folder',
  showCurves: 'ecg.training.showCurves',
  kernels: 'ecg.firmware.kernels',
  board: 'ecg.firmware.board',
  probe: 'ecg.flash.probe',
  adapterCommands: 'ecg.flash.adapterCommands',
} as const;

/** Setting → program whose path it names. */
export const toolSettings = {
  'ecg.tools.armGcc': 'arm-none-eabi-gcc',
  'ecg.tools.cmake': 'cmake',
  'ecg.tools.ninja': 'ninja',
  'ecg.tools.qemu': 'qemu-system-arm',
  'ecg.tools.openocd': 'openocd',
  'ecg.tools.gdb': 'gdb',
} as const;
