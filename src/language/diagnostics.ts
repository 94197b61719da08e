import type { Severity } from '../common/yaml-source.ts';
import { diagnosticCodes } from '../protocol/language.ts';
import type { DatasetFile, StudioFile } from './documents.ts';

export interface FileDiagnostic {
  start: number;
  end: number;
  severity: Severity;
  /** What is wrong, and what to do about it. */
  message: string;
  code?: string;
}

/** @param exists whether the recordings of a dataset file are where it says; undefined: not known yet */
export function fileDiagnostics(file: StudioFile, exists?: boolean): FileDiagnostic[] {
  const found = file.diagnostics.map(({ start, end, severity, message, advice, code }) => ({
    start,
    end,
    severity,
    message: advice ? `${message}. ${advice}` : message,
    ...(code !== undefined && { code }),
  }));
  if (file.kind === 'dataset' && exists === false) found.push(movedDiagnostic(file));
  return unique(found);
}

function movedDiagnostic({ source, spec }: DatasetFile): FileDiagnostic {
  const [start, end] = source.range(['source', 'path']);
  return {
    start,
    end,
    severity: 'error',
    message: `there are no recordings at ${spec?.location ?? 'this path'}. Locate them, or import the dataset again.`,
    code: diagnosticCodes.datasetMoved,
  };
}

/** One mistake can be seen by several checks, as an item of `layers` that is a number. */
function unique(diagnostics: FileDiagnostic[]): FileDiagnostic[] {
  const seen = new Set<string>();
  return diagnostics.filter(({ start, end, message }) => {
    const key = `${start}-${end}-${message}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
