import { isMap, isScalar, isSeq, parseDocument, type Document } from 'yaml';

/** What somebody has decided of a record. */
export type RecordDecision =
  /** Its class, whatever the source says; undefined: the source's again. */
  { kind: 'relabel'; label: string | undefined } | { kind: 'exclude' } | { kind: 'include' };

/**
 * The text of a dataset file with a decision about records; comments and everything else stay as they are. The text must be a
 * dataset file without errors.
 */
export function decideRecords(text: string, records: readonly string[], decision: RecordDecision): string {
  const document = parseDocument(text);
  for (const record of records) {
    if (decision.kind === 'relabel') relabel(document, record, decision.label);
    else setExcluded(document, record, decision.kind === 'exclude');
  }
  removeEmpty(document, 'relabel');
  removeEmpty(document, 'exclude');
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

function relabel(document: Document, record: string, label: string | undefined): void {
  if (label === undefined) document.deleteIn(['relabel', record]);
  else {
    if (!isMap(document.get('relabel'))) document.set('relabel', document.createNode({}));
    document.setIn(['relabel', record], label);
  }
}

function setExcluded(document: Document, record: string, excluded: boolean): void {
  const value = document.get('exclude');
  const list = isSeq(value) ? value : undefined;
  const index = list ? list.items.findIndex((item) => isScalar(item) && item.value === record) : -1;
  if (excluded && index < 0) {
    if (list) list.add(document.createNode(record));
    else document.set('exclude', document.createNode([record]));
  } else if (!excluded && index >= 0) list?.delete(index);
}

function removeEmpty(document: Document, key: string): void {
  const value = document.get(key);
  if ((isMap(value) || isSeq(value)) && value.items.length === 0) document.delete(key);
}
