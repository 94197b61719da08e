import * as path from 'node:path';
import { readKept, writeJsonAtomic } from '../common/files.ts';
import type { BuildReport } from './build-report.ts';

/** Raised with every change of what a report says. */
export const reportFormat = 1;

const fileName = 'build-report.json';

/** Where a project is built. */
export function buildFolder(project: string, configuration: BuildReport['configuration']): string {
  return path.join(project, 'build', configuration);
}

/** @param folder of the build */
export function keepBuildReport(folder: string, report: BuildReport): void {
  writeJsonAtomic(path.join(folder, fileName), report);
}

/** Of the last build in a folder; undefined where there was none, or its report is of another version. */
export function readBuildReport(folder: string): BuildReport | undefined {
  return readKept<BuildReport>(path.join(folder, fileName), ({ format }) => format === reportFormat);
}
