import { sourcePath } from '../dataset/dataset-file.ts';
import type { Diagnostic } from '../common/yaml-source.ts';
import { flashLowerBound } from '../model/budget.ts';
import { modelFileSchema } from '../model/schema.ts';
import { trainingDefaults } from '../model/training-schema.ts';
import type { DatasetFileSummary, FirstError, ModelSummary } from '../protocol/language.ts';
import type { DatasetFile, ModelFile } from './documents.ts';
import { fileDiagnostics } from './diagnostics.ts';
import { totalsOf } from './layer-figures.ts';

export function modelSummary(file: ModelFile): ModelSummary {
  const value = asObject(file.source.value);
  const totals = totalsOf(file.layers);
  const classes = Array.isArray(value.classes)
    ? value.classes.slice(0, modelFileSchema.properties.classes.maxItems)
    : [];
  return {
    name: nameOf(value),
    classes: classes.filter((name) => typeof name === 'string'),
    ...totals,
    flashLowerBound: file.network && flashLowerBound(file.network),
    ...problems(file.diagnostics),
    distillation: value.distillation !== undefined && value.distillation !== null,
    epochs: file.network?.training.epochs ?? trainingDefaults.epochs,
  };
}

/** @param moved the first source whose recordings are not where the file says */
export function datasetSummary(file: DatasetFile, moved: number | undefined): DatasetFileSummary {
  const exists = file.spec !== undefined && moved === undefined;
  const summary = {
    name: nameOf(asObject(file.source.value)),
    path: file.spec?.sources[moved ?? 0].location ?? '',
    exists,
    ...problems(file.diagnostics),
  };
  if (summary.errors > 0 || moved === undefined) return summary;
  const [{ message }] = fileDiagnostics(file, moved).slice(-1);
  const firstError = { message, line: file.source.line(sourcePath(file.source.value, moved, 'path')) };
  return { ...summary, errors: 1, firstError };
}

function problems(diagnostics: readonly Diagnostic[]): {
  errors: number;
  warnings: number;
  firstError?: FirstError;
} {
  const errors = diagnostics.filter((d) => d.severity === 'error');
  const warnings = diagnostics.filter((d) => d.severity === 'warning').length;
  const [first] = errors;
  return {
    errors: errors.length,
    warnings,
    ...(first && { firstError: { message: first.message, line: first.line } }),
  };
}

function nameOf({ name }: Record<string, unknown>): string {
  return typeof name === 'string' ? name : '';
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
