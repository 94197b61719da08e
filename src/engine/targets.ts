import { argMax } from '../common/arg-max.ts';
import type { BatchRecord, RecordGroup } from './batch.ts';
import { FLOAT, LANES, LINE } from './kernels.ts';
import type { Plan } from './plan.ts';

/** What a batch's forward pass says of its records. */
export interface BatchResult {
  /** Sum over the records. */
  loss: number;
  /** Loss of each record, in the order of the batch. */
  losses: Float32Array;
  /** Records whose most probable class is the right one. */
  correct: number;
}

/** How a batch's loss is made of the loss on targets (at a temperature) and the loss on labels (at 1). */
export interface LossWeights {
  temperature: number;
  /** Of the loss on labels, 0…1; the loss on targets has the rest. */
  hardLabels: number;
  /** Share of a label's probability that is spread evenly over all classes. */
  labelSmoothing: number;
}

/** Write the groups' targets and the weights of their lanes; lanes without a record have weight 0. */
export function writeTargets(
  plan: Plan,
  memory: WebAssembly.Memory,
  groups: readonly RecordGroup[],
  records: readonly BatchRecord[],
  { temperature, hardLabels, labelSmoothing }: LossWeights,
): void {
  const { classes, group: layout } = plan;
  const floats = new Float32Array(memory.buffer);
  const softWeight = (1 - hardLabels) * temperature * temperature;
  const [soft, hard] = layout.terms;
  const { features } = layout;
  const channels = (features.lossWeight - features.target) / LINE;
  groups.forEach((group, g) => {
    for (let lane = 0; lane < LANES; lane++) {
      const at = (plan.batch + g * layout.bytes) / FLOAT + lane;
      const record = records[group.records[lane]];
      const hardTarget = record && smoothed(labelOf(record), classes, labelSmoothing);
      const target = record && (targetOf(record, classes) ?? hardTarget);
      const ofRecord = record ? (record.weight ?? 1) : 0;
      const weight = record?.features ? 0 : ofRecord;
      const featureWeight = ofRecord - weight;
      for (let j = 0; j < classes; j++) {
        floats[at + soft.target / FLOAT + j * LANES] = target ? target[j] : 0;
        floats[at + hard.target / FLOAT + j * LANES] = hardTarget ? hardTarget[j] : 0;
      }
      for (let c = 0; c < channels; c++) {
        floats[at + features.target / FLOAT + c * LANES] = record?.features?.[c] ?? 0;
      }
      floats[at + features.lossWeight / FLOAT] = featureWeight;
      floats[at + features.gradientWeight / FLOAT] = featureWeight / records.length;
      const share = weight / records.length;
      floats[at + soft.lossWeight / FLOAT] = weight * softWeight;
      floats[at + soft.gradientWeight / FLOAT] = (share * softWeight) / temperature;
      floats[at + hard.lossWeight / FLOAT] = weight * hardLabels;
      floats[at + hard.gradientWeight / FLOAT] = share * hardLabels;
    }
  });
}

export function readStepResult(
  plan: Plan,
  memory: WebAssembly.Memory,
  groups: readonly RecordGroup[],
  records: readonly BatchRecord[],
): BatchResult {
  const { classes, group: layout } = plan;
  const floats = new Float32Array(memory.buffer);
  const result: BatchResult = { loss: 0, losses: new Float32Array(records.length), correct: 0 };
  groups.forEach((group, g) => {
    group.records.forEach((index, lane) => {
      const at = (plan.batch + g * layout.bytes) / FLOAT + lane;
      result.losses[index] = floats[at + layout.loss / FLOAT];
      result.loss += result.losses[index];
      const row = at + layout.probabilities / FLOAT;
      const probabilities = Float32Array.from({ length: classes }, (_, j) => floats[row + j * LANES]);
      if (argMax(probabilities) === labelOf(records[index])) result.correct++;
    });
  });
  return result;
}

/** The record's own target; undefined: its label. */
export function targetOf({ target, label }: BatchRecord, classes: number): Float32Array | undefined {
  if (target) {
    if (target.length !== classes)
      throw new Error(`a target of ${target.length} values for ${classes} classes`);
    return target;
  }
  if (label === undefined || label < 0 || label >= classes) {
    throw new Error('a record of a training batch needs a target or a label');
  }
  return undefined;
}

/** One-hot, with a share of the probability spread evenly over all classes. */
export function smoothed(label: number, classes: number, share: number): Float32Array {
  return Float32Array.from({ length: classes }, (_, j) => (j === label ? 1 - share : 0) + share / classes);
}

/** The true class: the label, or the most probable class of the target. */
export function labelOf({ label, target }: BatchRecord): number {
  if (label !== undefined) return label;
  return target ? argMax(target) : -1;
}
