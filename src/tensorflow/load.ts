import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { UserError } from '../common/errors.ts';
import { installAdvice, tensorFlowFolder, tensorFlowPackages } from './package.ts';
import type { Tf, TensorFlow } from './tf.ts';

/** Throws a UserError where it is not there or does not load. */
export function loadTensorFlow(folder: string = tensorFlowFolder()): TensorFlow {
  const name = tensorFlowPackages.find((name) =>
    fs.existsSync(path.join(packageFolder(folder, name), 'package.json')),
  );
  if (name === undefined) throw new UserError('TensorFlow is not installed', { file: folder }, installAdvice);
  const place = packageFolder(folder, name);
  const require = createRequire(path.join(place, 'package.json'));
  restoreUtil(require);
  try {
    const tf = require(place) as Tf;
    const { version } = require(path.join(place, 'package.json')) as { version: string };
    if (typeof tf.variableGrads !== 'function') throw new Error('it is no TensorFlow.js');
    return { tf, build: `${name.slice('@tensorflow/tfjs-'.length)} ${version}` };
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new UserError(`TensorFlow does not load: ${reason.trim()}`, { file: place }, installAdvice);
  }
}

function packageFolder(folder: string, name: string): string {
  return path.join(folder, 'node_modules', ...name.split('/'));
}

/** tfjs-node calls functions of Node that newer versions have removed. */
function restoreUtil(require: NodeJS.Require): void {
  const util = require('node:util') as Record<string, unknown>;
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray ??= (value: unknown) => Array.isArray(value);
}
