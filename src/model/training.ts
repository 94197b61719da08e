import type { YamlSource } from '../common/yaml-source.ts';
import { augmentationSpec, checkAugmentation, type AugmentationSection } from './augmentation.ts';
import type { ScheduleSpec, TrainingSpec } from './network.ts';
import { trainingDefaults } from './training-schema.ts';

/** `training` of a model file as the schema has checked it, before defaults. */
export interface TrainingSection {
  epochs?: number;
  batch?: number;
  optimizer?: { adam?: number; adamw?: number; 'weight-decay'?: number };
  clip?: number;
  schedule?:
    | ScheduleSpec['kind']
    | { cosine?: { 'warm-up'?: number } }
    | { plateau?: Partial<Record<keyof typeof trainingDefaults.plateau, number>> };
  loss?: 'cross-entropy' | { mse: string; at: string };
  'label-smoothing'?: number;
  'class-weights'?: 'none' | 'balanced' | Record<string, number>;
  augmentation?: AugmentationSection;
  select?: TrainingSpec['select'];
}

/** Report what a schema cannot say: one optimiser, weights of classes that there are, ranges that rise. */
export function checkTraining(
  source: YamlSource,
  { augmentation, optimizer, 'class-weights': classWeights }: TrainingSection,
  classes: readonly string[],
): void {
  if (optimizer && (optimizer.adam === undefined) === (optimizer.adamw === undefined)) {
    source.report(['training', 'optimizer'], 'an optimizer is one of `adam` and `adamw`', { key: true });
  }
  if (augmentation) checkAugmentation(source, augmentation);
  if (typeof classWeights !== 'object') return;
  for (const name of Object.keys(classWeights).filter((key) => !classes.includes(key))) {
    source.report(['training', 'class-weights', name], `\`${name}\` is no class of this model`, {
      key: true,
      advice: `Its classes are ${classes.join(', ')}.`,
    });
  }
}

export function trainingSpec(section: TrainingSection, classes: readonly string[]): TrainingSpec {
  const { adam, adamw, 'weight-decay': decay } = section.optimizer ?? {};
  const weights = section['class-weights'] ?? trainingDefaults.classWeights;
  return {
    epochs: section.epochs ?? trainingDefaults.epochs,
    batch: section.batch ?? trainingDefaults.batch,
    learningRate: adam ?? adamw ?? trainingDefaults.learningRate,
    weightDecay: decay ?? (adamw === undefined ? 0 : trainingDefaults.adamwDecay),
    decoupled: adamw !== undefined,
    clip: section.clip,
    schedule: scheduleSpec(section.schedule ?? trainingDefaults.schedule),
    labelSmoothing: section['label-smoothing'] ?? trainingDefaults.labelSmoothing,
    classWeights: typeof weights === 'string' ? weights : classes.map((name) => weights[name] ?? 1),
    augmentation: section.augmentation && augmentationSpec(section.augmentation),
    featureLoss:
      typeof section.loss === 'object'
        ? { teacherLayer: layerOfTeacher(section.loss.mse), layer: section.loss.at }
        : undefined,
    select: section.select ?? trainingDefaults.select,
  };
}

/** `teacher.lstm-1` → `lstm-1`. */
export function layerOfTeacher(reference: string): string {
  return reference.slice('teacher.'.length);
}

function scheduleSpec(value: NonNullable<TrainingSection['schedule']>): ScheduleSpec {
  const settings: { cosine?: { 'warm-up'?: number }; plateau?: object } =
    typeof value === 'string' ? { [value]: {} } : value;
  if (settings.cosine) return { kind: 'cosine', warmUp: settings.cosine['warm-up'] ?? 0 };
  if (settings.plateau) return { kind: 'plateau', ...trainingDefaults.plateau, ...settings.plateau };
  return { kind: 'constant' };
}
