import type { YamlSource } from '../common/yaml-source.ts';
import { augmentationDefaults } from './augmentation-schema.ts';

/** [low, high]. */
export type Range = readonly [number, number];

/** What training does to records before it shows them to the network; undefined: nothing of the kind. */
export interface AugmentationSpec {
  /** Share of the records. */
  signFlip: number;
  offset: boolean;
  stretch: { probability: number; range: number } | undefined;
  /** Factor 1 ± this. */
  gain: number;
  /** Amplitude in mV, frequency in Hz. */
  wander: { probability: number; amplitude: number; frequency: Range } | undefined;
  /** `records`: a WFDB record, a folder or a zip, relative to the model file. Signal-to-noise ratio in dB. */
  noise: { probability: number; records: string; snr: Range } | undefined;
  leadOff: { probability: number; seconds: Range } | undefined;
}

/** `training.augmentation` of a model file as the schema has checked it, before defaults. */
export interface AugmentationSection {
  'sign-flip'?: number;
  offset?: boolean;
  stretch?: { probability?: number; range?: number };
  gain?: number;
  'baseline-wander'?: { amplitude: number; probability?: number; frequency?: Range };
  noise?: { records: string; probability?: number; snr?: Range };
  'lead-off'?: { probability?: number; seconds?: Range };
}

/** Report ranges that fall. */
export function checkAugmentation(source: YamlSource, section: AugmentationSection): void {
  const ranges = [
    ['baseline-wander', 'frequency', section['baseline-wander']?.frequency],
    ['noise', 'snr', section.noise?.snr],
    ['lead-off', 'seconds', section['lead-off']?.seconds],
  ] as const;
  for (const [kind, setting, range] of ranges) {
    if (!range || range[0] <= range[1]) continue;
    source.report(
      ['training', 'augmentation', kind, setting],
      'the first number must not be above the second',
    );
  }
}

/** Undefined where nothing is asked for. */
export function augmentationSpec(section: AugmentationSection): AugmentationSpec | undefined {
  const defaults = augmentationDefaults;
  const { 'sign-flip': signFlip = 0, offset = false, stretch, gain = 0, noise } = section;
  const { 'baseline-wander': wander, 'lead-off': leadOff } = section;
  if (signFlip === 0 && !offset && !stretch && gain === 0 && !wander && !noise && !leadOff) return undefined;
  return {
    signFlip,
    offset,
    stretch: stretch && { ...defaults.stretch, ...stretch },
    gain,
    wander: wander && { ...defaults.wander, ...wander },
    noise: noise && { ...defaults.noise, ...noise },
    leadOff: leadOff && { ...defaults.leadOff, ...leadOff },
  };
}
