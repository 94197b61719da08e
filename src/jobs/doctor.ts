import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { describeError } from '../common/errors.ts';
import { cacheFolder, productVersion } from '../common/product.ts';
import { Engine } from '../engine/engine.ts';
import { firmwareTools, type FirmwareTool } from '../firmware/run-tool.ts';
import { modelFromText } from '../model/parse.ts';
import { findRecordings } from './demo-data.ts';

export interface Check {
  name: string;
  ok: boolean;
  /** Version found, or what to do. */
  detail: string;
  /** What does not work without it. */
  neededFor: string;
}

interface Tool {
  name: string;
  commands: readonly string[];
  neededFor: string;
  get: string;
}

const tools: readonly Tool[] = [
  firmwareTool('ARM compiler', 'arm-none-eabi-gcc', 'firmware build'),
  firmwareTool('CMake', 'cmake', 'firmware build'),
  firmwareTool('Ninja', 'ninja', 'firmware build'),
  firmwareTool('emulator', 'qemu-system-arm', 'firmware emulate, firmware verify'),
  {
    name: 'OpenOCD',
    commands: ['openocd'],
    neededFor: 'flashing a board',
    get: 'Install it: sudo apt-get install openocd | brew install open-ocd',
  },
  {
    name: 'debugger',
    commands: ['gdb-multiarch', 'arm-none-eabi-gdb'],
    neededFor: 'debugging firmware',
    get: 'Install it: sudo apt-get install gdb-multiarch | brew install arm-none-eabi-gdb',
  },
];

function firmwareTool(name: string, command: FirmwareTool, neededFor: string): Tool {
  return { name, commands: [command], neededFor, get: firmwareTools[command] };
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
    ...tools.map(toolCheck),
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
    return { ...check, ok: false, detail: describeError(error) };
  }
}

function toolCheck({ name, commands, neededFor, get }: Tool): Check {
  for (const command of commands) {
    const { status, stdout, stderr } = spawnSync(command, ['--version'], {
      encoding: 'utf8',
      timeout: 10_000,
    });
    if (status === 0) return { name, ok: true, detail: (stdout || stderr).split('\n')[0].trim(), neededFor };
  }
  return { name, ok: false, detail: `${commands[0]} was not found. ${get}`, neededFor };
}

function recordingsCheck(): Check {
  const file = findRecordings();
  const detail =
    file ??
    'no training2017.zip found: set ECG_DATA_DIR to its folder; synthetic recordings are used until then';
  return { name: 'recordings', ok: file !== undefined, detail, neededFor: 'the demo on real recordings' };
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
