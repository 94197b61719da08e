import type { Diagnostic } from '../common/yaml-source.ts';
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
    flashLowerBound: totals.parameters,
    ...problems(file.diagnostics),
    distillation: value.distillation !== undefined && value.distillation !== null,
    epochs: file.network?.training.epochs ?? trainingDefaults.epochs,
  };
}

/** @param exists whether something is at the file's path */
export function datasetSummary(file: DatasetFile, exists: boolean): DatasetFileSummary {
  const summary = {
    name: nameOf(asObject(file.source.value)),
    path: file.spec?.location ?? '',
    exists,
    ...problems(file.diagnostics),
  };
  if (summary.errors > 0 || exists) return summary;
  const [moved] = fileDiagnostics(file, false).slice(-1);
  const firstError = { message: moved.message, line: file.source.line(['source', 'path']) };
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
