import { sourcePath } from '../dataset/dataset-file.ts';
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

/** @param moved the first source of a dataset file whose recordings are not where it says; undefined: none, as far as is known */
export function fileDiagnostics(file: StudioFile, moved?: number): FileDiagnostic[] {
  const found = file.diagnostics.map(({ start, end, severity, message, advice, code }) => ({
    start,
    end,
    severity,
    message: advice ? `${message}. ${advice}` : message,
    ...(code !== undefined && { code }),
  }));
  if (file.kind === 'dataset' && moved !== undefined) found.push(movedDiagnostic(file, moved));
  return unique(found);
}

function movedDiagnostic({ source, spec }: DatasetFile, moved: number): FileDiagnostic {
  const [start, end] = source.range(sourcePath(source.value, moved, 'path'));
  return {
    start,
    end,
    severity: 'error',
    message: `there are no recordings at ${spec?.sources[moved].location ?? 'this path'}. Locate them, or import the dataset again.`,
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
