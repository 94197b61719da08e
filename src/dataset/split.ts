import { UserError } from '../common/errors.ts';
import { sha256 } from '../common/files.ts';
import { groupRecords, type GroupedRecord } from './groups.ts';
import type { DealtSplit, FoldSplit, SourceSplit, SplitName, SplitSpec } from './spec.ts';

export interface SplitRecord extends GroupedRecord {
  label: string;
  /** What the dataset's own split says. */
  ownSplit: SplitName | undefined;
}

/** Records that stay together, dealt as one of the class of the first by name. */
interface Unit {
  label: string;
  /** Decides the order of the units of a class. */
  key: string;
  members: readonly SplitRecord[];
  /** Different signals in it: a recording counts once, however many duplicates it has. */
  weight: number;
}

/**
 * Which split each record is in; records that the dataset's own split leaves out are in none. Seeded, stratified by class, the
 * same for ever for one seed and the same records. Throws a UserError where somebody or something would be on two sides.
 */
export function splitRecords(
  records: readonly SplitRecord[],
  spec: SplitSpec,
  location: string,
): Map<string, SplitName> {
  const units = unitsOf(records, spec, isByPatient(records, spec));
  if (spec.kind === 'folds') return dealFolds(units, spec);
  return spec.kind === 'dealt' ? deal(units, spec) : keepOwn(records, spec, location);
}

/** Whether patients stay together: where the file says so, else where they are known. */
export function isByPatient(records: readonly GroupedRecord[], { by }: SplitSpec): boolean {
  return by === undefined ? records.some(({ patient }) => patient !== undefined) : by === 'patient';
}

function unitsOf(records: readonly SplitRecord[], { seed }: SplitSpec, byPatient: boolean): Unit[] {
  const byName = [...records].sort((a, b) => (a.id < b.id ? -1 : 1));
  return groupRecords(byName, byPatient).map((members) => ({
    label: members[0].label,
    key: sha256(`${seed}/${members[0].id}`),
    members,
    weight: new Set(members.map(({ signalHash }) => signalHash)).size,
  }));
}

/** Units of each class in an order that the seed and their names alone decide. */
function byClass(units: readonly Unit[]): Unit[][] {
  const classes = new Map<string, Unit[]>();
  for (const unit of units) {
    const list = classes.get(unit.label);
    if (list) list.push(unit);
    else classes.set(unit.label, [unit]);
  }
  for (const list of classes.values()) list.sort((a, b) => (a.key < b.key ? -1 : 1));
  return [...classes.values()];
}

/** Each class is cut at the fractions; a unit is on the side that its middle is on. */
function deal(units: readonly Unit[], { train, validation }: DealtSplit): Map<string, SplitName> {
  const assignment = new Map<string, SplitName>();
  for (const list of byClass(units)) {
    const total = list.reduce((sum, { weight }) => sum + weight, 0);
    let before = 0;
    for (const { members, weight } of list) {
      const middle = before + weight / 2;
      const name =
        middle <= total * train ? 'train' : middle <= total * (train + validation) ? 'validation' : 'test';
      for (const { id } of members) assignment.set(id, name);
      before += weight;
    }
  }
  return assignment;
}

/** Each class is dealt to the folds one by one, the next class going on where the one before has ended. */
function dealFolds(units: readonly Unit[], { folds, fold }: FoldSplit): Map<string, SplitName> {
  const assignment = new Map<string, SplitName>();
  const sizes = new Array<number>(folds).fill(0);
  for (const list of byClass(units)) {
    const ofClass = new Array<number>(folds).fill(0);
    for (const { members, weight } of list) {
      // The fold that has least of the class, then least of all.
      let chosen = 0;
      for (let f = 1; f < folds; f++) {
        if (ofClass[f] < ofClass[chosen] || (ofClass[f] === ofClass[chosen] && sizes[f] < sizes[chosen]))
          chosen = f;
      }
      ofClass[chosen] += weight;
      sizes[chosen] += weight;
      const name = chosen === fold - 1 ? 'test' : chosen === fold % folds ? 'validation' : 'train';
      for (const { id } of members) assignment.set(id, name);
    }
  }
  return assignment;
}

/** The dataset's own split; a share of the training units becomes the validation split where it has none. */
function keepOwn(
  records: readonly SplitRecord[],
  spec: SourceSplit,
  location: string,
): Map<string, SplitName> {
  const own = records.filter(({ ownSplit }) => ownSplit !== undefined);
  if (own.length === 0) {
    throw new UserError(
      'the dataset has no split of its own',
      { file: location },
      'Give shares instead: `split: { seed: 1, train: 0.8, validation: 0.1, test: 0.1 }`.',
    );
  }
  const assignment = new Map(own.map(({ id, ownSplit }) => [id, ownSplit as SplitName]));
  if (own.some(({ ownSplit }) => ownSplit === 'validation') || spec.validation === 0) return assignment;
  const training = own.filter(({ ownSplit }) => ownSplit === 'train');
  const units = unitsOf(training, spec, isByPatient(training, spec));
  const shares: DealtSplit = {
    ...spec,
    kind: 'dealt',
    train: 1 - spec.validation,
    validation: spec.validation,
    test: 0,
  };
  for (const [id, name] of deal(units, shares)) assignment.set(id, name);
  return assignment;
}
