/** What says that two records must not be on two sides of a split. */
export interface GroupedRecord {
  id: string;
  /** Of the whole recording: its excerpts and its exact duplicates have the same. */
  signalHash: string;
  patient: string | undefined;
}

/**
 * Records that stay together: those of one signal, and with `byPatient` those of one patient, and whoever is tied to either
 * (union-find). Groups and their records are in the order of the records.
 */
export function groupRecords<R extends GroupedRecord>(records: readonly R[], byPatient: boolean): R[][] {
  const parents = new Map<string, string>();
  const rootOf = (key: string): string => {
    let root = key;
    for (let up = parents.get(root); up !== undefined && up !== root; up = parents.get(root)) root = up;
    // Later searches are short.
    for (let at = key; at !== root;) {
      const up = parents.get(at) ?? root;
      parents.set(at, root);
      at = up;
    }
    return root;
  };
  for (const { signalHash, patient } of records) {
    const signal = `signal ${signalHash}`;
    if (!parents.has(signal)) parents.set(signal, signal);
    if (!byPatient || patient === undefined) continue;
    const person = `patient ${patient}`;
    if (!parents.has(person)) parents.set(person, person);
    parents.set(rootOf(person), rootOf(signal));
  }
  const groups = new Map<string, R[]>();
  for (const record of records) {
    const root = rootOf(`signal ${record.signalHash}`);
    const group = groups.get(root);
    if (group) group.push(record);
    else groups.set(root, [record]);
  }
  return [...groups.values()];
}
