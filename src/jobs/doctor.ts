import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { describeInLine } from '../common/errors.ts';
import { cacheFolder, productVersion } from '../common/product.ts';
import { Engine } from '../engine/engine.ts';
import { toolCommand } from '../firmware/run-tool.ts';
import { listSerialPorts } from '../firmware/serial-port.ts';
import {
  findInPath,
  firmwareToolNames,
  firmwareTools,
  missingTool,
  type FirmwareTool,
  type FirmwareToolEntry,
} from '../firmware/tools.ts';
import { modelFromText } from '../model/parse.ts';
import { findRecordings } from './demo-data.ts';
import { tensorFlowEntry } from './engines.ts';

export interface Check {
  name: string;
  ok: boolean;
  /** Version found, or what to do. */
  detail: string;
  /** What does not work without it. */
  neededFor: string;
  /** Something stands in for it. */
  optional?: boolean;
}

/** What is installed, which version, and what is missing for what. */
export async function doctorJob(): Promise<Check[]> {
  return [
    {
      name: 'ECG Studio',
      ok: true,
      detail: `${productVersion}, Node ${process.version}, ${process.platform} ${process.arch}`,
      neededFor: 'all',
    },
    await engineCheck(),
    tensorFlowCheck(),
    ...firmwareToolNames.map(toolCheck),
    await serialPortCheck(),
    recordingsCheck(),
    cacheCheck(),
  ];
}

async function engineCheck(): Promise<Check> {
  const check = { name: 'training engine', neededFor: 'train, distill, evaluate' };
  const smallest =
    'version: 1\nname: probe\ninput: { rate: 100, window: 8, hop: 8 }\nclasses: [a, b]\nlayers: [global-average-pool, dense: 2]\n';
  try {
    const engine = await Engine.create(modelFromText(smallest, 'probe'), {
      threads: 1,
      seed: 0,
      training: false,
    });
    const { identity } = engine;
    await engine.close();
    return { ...check, ok: true, detail: identity };
  } catch (error) {
    return { ...check, ok: false, detail: describeInLine(error) };
  }
}

function tensorFlowCheck(): Check {
  const { ok, detail } = tensorFlowEntry();
  return { name: 'TensorFlow', ok, detail, neededFor: 'the engine `tensorflow`', optional: true };
}

function toolCheck(tool: FirmwareTool): Check {
  const { label: name, neededFor, least, install }: FirmwareToolEntry = firmwareTools[tool];
  const command = toolCommand(tool);
  const { status, stdout, stderr } = spawnSync(command, ['--version'], { encoding: 'utf8', timeout: 10_000 });
  if (status !== 0) {
    const { message, advice } = missingTool(tool);
    return { name, ok: false, detail: `${message}. ${advice}`, neededFor };
  }
  const version = (stdout || stderr).split('\n')[0].trim();
  const where = findInPath(command) ?? command;
  if (least !== undefined && isOlder(version, least)) {
    return {
      name,
      ok: false,
      detail: `${version}, ${where}: ${least} or newer is needed. ${install}`,
      neededFor,
    };
  }
  return { name, ok: true, detail: `${version}, ${where}`, neededFor };
}

/** Whether the first `major.minor` in a text is older than another; false where it has none. */
export function isOlder(text: string, least: string): boolean {
  const found = /(\d+)\.(\d+)/.exec(text);
  if (!found) return false;
  const [major, minor] = least.split('.').map(Number);
  return Number(found[1]) < major || (Number(found[1]) === major && Number(found[2]) < minor);
}

async function serialPortCheck(): Promise<Check> {
  const check = { name: 'serial ports', neededFor: 'verifying a board', optional: true };
  try {
    const ports = await listSerialPorts();
    const paths = ports.map(({ path }) => path).join(', ');
    return { ...check, ok: true, detail: paths === '' ? 'none is plugged in' : paths };
  } catch (error) {
    return { ...check, ok: false, detail: describeInLine(error) };
  }
}

function recordingsCheck(): Check {
  const file = findRecordings();
  const detail =
    file ??
    'no training2017.zip found: set ECG_DATA_DIR to its folder; synthetic recordings are used until then';
  const neededFor = 'the demo on real recordings';
  return { name: 'recordings', ok: file !== undefined, detail, neededFor, optional: true };
}

function cacheCheck(): Check {
  const folder = cacheFolder();
  try {
    fs.mkdirSync(folder, { recursive: true });
    fs.accessSync(folder, fs.constants.W_OK);
    return { name: 'cache', ok: true, detail: folder, neededFor: 'speed' };
  } catch (error) {
    return { name: 'cache', ok: false, detail: `${folder}: ${(error as Error).message}`, neededFor: 'speed' };
  }
}
