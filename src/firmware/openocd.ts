import type { JobContext } from '../common/job.ts';
import { runTool } from './run-tool.ts';

/** Why a probe or the chip behind it cannot be used; undefined in a report: OpenOCD reached the chip. */
export type ProbeFailure =
  | 'no-scripts'
  | 'not-supported'
  | 'no-access'
  | 'busy'
  | 'no-probe'
  | 'connection-lost'
  | 'no-power'
  | 'no-target'
  | 'unknown';

/** How far programming got. */
export type ProgrammingState = 'not-started' | 'started' | 'programmed' | 'verified';

/** What OpenOCD's output says, in types. */
export interface OpenOcdReport {
  /** As the probe names itself. */
  probeName: string | undefined;
  /** On the target's supply, where the probe measures it. */
  millivolts: number | undefined;
  failure: ProbeFailure | undefined;
  /** Identification of access port 1: Nordic's CTRL-AP where it is `controlPortId`. */
  controlPort: number | undefined;
  /** Access port protection. */
  locked: boolean | undefined;
  /** FICR INFO.PART. */
  part: number | undefined;
  /** The chip was erased and unlocked by the CTRL-AP. */
  erased: boolean;
  programming: ProgrammingState;
  /** Bytes of the image that were programmed, and of them read back and compared. */
  written: number;
  verified: number;
  /** The chip was reset and runs. */
  running: boolean;
  /** Its error messages, for what nobody foresaw. */
  errors: string[];
  /** All that it said. */
  output: string;
}

/** IDR of Nordic's CTRL-AP (nRF52832 Product Specification). */
export const controlPortId = 0x02880000;

/** No servers: none is needed here, and their ports may be taken. */
const withoutServers = 'gdb_port disabled; tcl_port disabled; telnet_port disabled';

/** OpenOCD is ended where it says nothing for this long; half a megabyte through a slow probe takes a quarter of it. */
const longestSilenceMs = 120_000;

/**
 * Lock state first, by the CTRL-AP, which answers on a locked chip too; then the part. `catch`: what a failure means is
 * read from the report.
 */
export const inspectCommands: readonly string[] = [
  'init',
  'set ecg_id 0; catch {set ecg_id [string trim [nrf52.dap apreg 1 0xfc]]}',
  'set ecg_open 0; catch {set ecg_open [string trim [nrf52.dap apreg 1 0xc]]}',
  'echo "ecg-control-port $ecg_id $ecg_open"',
  `if {($ecg_open & 1) || $ecg_id != ${controlPortId}} {catch {echo "ecg-part [lindex [nrf52.cpu read_memory 0x10000100 32 1] 0]"}}`,
  'shutdown',
];

/** A file in OpenOCD's working folder, a plain name, whose bytes belong at an address. */
export interface ImagePiece {
  file: string;
  address: number;
  bytes: number;
}

/**
 * Program, verify, reset and run; stops before the first write where the chip is another one. Piece by piece, so that one
 * sees how far it is.
 */
export function programCommands(options: {
  pieces: readonly ImagePiece[];
  part: number;
  eraseAll: boolean;
}): string[] {
  const { pieces } = options;
  const place = ({ file, address }: ImagePiece): string => `${file} 0x${address.toString(16)} bin`;
  return [
    'init',
    ...(options.eraseAll ? ['nrf52_recover'] : []),
    'set ecg_part [lindex [nrf52.cpu read_memory 0x10000100 32 1] 0]',
    'echo "ecg-part $ecg_part"',
    `if {$ecg_part != ${options.part}} {shutdown error}`,
    'echo "ecg-programming"',
    'reset init',
    ...pieces.map((piece) => `flash write_image erase ${place(piece)}; echo "ecg-written ${piece.bytes}"`),
    'echo "ecg-programmed"',
    ...pieces.map((piece) => `verify_image ${place(piece)}; echo "ecg-verified ${piece.bytes}"`),
    'echo "** Verified OK **"',
    'reset run',
    'echo "ecg-running"',
    'shutdown',
  ];
}

/** The whole argument array; each command is one argument and never meets a shell. */
export function openOcdArguments(adapter: readonly string[], commands: readonly string[]): string[] {
  const all = [withoutServers, ...adapter, 'source [find target/nrf52.cfg]', ...commands];
  return all.flatMap((command) => ['-c', command]);
}

/** Run OpenOCD and read what it says. `onReport` is called whenever it has said more. */
export async function runOpenOcd(
  adapter: readonly string[],
  commands: readonly string[],
  cwd: string,
  context: JobContext,
  onReport: (report: OpenOcdReport) => void = () => {},
): Promise<OpenOcdReport> {
  let said = '';
  const { code, timedOut, output } = await runTool(
    'openocd',
    openOcdArguments(adapter, commands),
    {
      cwd,
      timeoutMs: longestSilenceMs,
      activity: () => said.length,
      onOutput: (text) => {
        said += text;
        onReport(parseOpenOcd(said));
      },
    },
    context,
  );
  const report = parseOpenOcd(output);
  if (timedOut) return { ...report, failure: report.failure ?? 'connection-lost' };
  // What failed after the chip was reached is told by how far programming got.
  const reached = report.part !== undefined || report.locked === true;
  if (code !== 0 && !reached) return { ...report, failure: report.failure ?? 'unknown' };
  return report;
}

/** Signs of each failure in the output of OpenOCD 0.11 and 0.12, the more telling ones first. */
const signs: readonly (readonly [ProbeFailure, RegExp])[] = [
  ['no-scripts', /Can't find (?:target|interface)\/\S+\.cfg/],
  [
    'not-supported',
    /debug interface was not found|[Dd]ebug adapter .* (?:not found|doesn't support)|invalid command name "(?:st-link|jlink|cmsis_dap)/,
  ],
  ['no-access', /LIBUSB_ERROR_ACCESS|[Pp]ermission denied|[Aa]ccess denied|insufficient permissions/],
  ['busy', /LIBUSB_ERROR_BUSY|[Rr]esource busy|TCP error status 0x1003|[Cc]ould not claim/],
  [
    'no-probe',
    /unable to find a matching CMSIS-DAP|No J-Link device found|Error: open failed|cannot connect to stlink server|[Nn]o ST-LINK detected|No device found/,
  ],
  [
    'connection-lost',
    /failed to (?:send|receive) USB CMD|LIBUSB_ERROR_(?:NO_DEVICE|IO|PIPE|TIMEOUT)|jaylink_\w+\(\) failed|CMSIS-DAP command (?:mismatch|\S+ failed)|error (?:reading|writing) (?:USB )?data/,
  ],
  ['no-target', /init mode failed|Error connecting DP|cannot read IDR|[Nn]o device connected/],
];

/** Lowest supply of the nRF52832 (Product Specification, "Recommended operating conditions"). */
const lowestMillivolts = 1700;

export function parseOpenOcd(output: string): OpenOcdReport {
  const field = (pattern: RegExp) => pattern.exec(output)?.[1];
  const volts = field(/(?:Target voltage:|VTarget =) ([\d.]+)/);
  const millivolts = volts === undefined ? undefined : Math.round(1000 * Number(volts));
  const control = /^ecg-control-port (\S+) (\S+)/m.exec(output);
  const controlPort = control ? Number(control[1]) : undefined;
  const part = field(/^ecg-part (0x[0-9a-f]+)/m);
  const found = signs.find(([, sign]) => sign.test(output))?.[0];
  const unpowered = found === 'no-target' && millivolts !== undefined && millivolts < lowestMillivolts;
  return {
    probeName: probeName(output),
    millivolts,
    failure: unpowered ? 'no-power' : found,
    controlPort,
    locked: control && controlPort === controlPortId ? (Number(control[2]) & 1) === 0 : undefined,
    part: part === undefined ? undefined : Number(part),
    erased: output.includes('successfully erased and unlocked'),
    programming: programmingState(output),
    written: sumOf(output, /^ecg-written (\d+)/gm),
    verified: sumOf(output, /^ecg-verified (\d+)/gm),
    running: /^ecg-running/m.test(output),
    errors: [...output.matchAll(/Error: (.*)/g)].map((match) => match[1].trim()),
    output,
  };
}

function probeName(output: string): string | undefined {
  const stLink = /STLINK (V\S+)/.exec(output);
  if (stLink) return `ST-Link ${stLink[1]}`;
  const jLink = /Info : (J-Link .*?) compiled/.exec(output);
  if (jLink) return jLink[1];
  if (!/CMSIS-DAP: (?:FW Version|Interface|SWD)/.test(output)) return undefined;
  const version = /CMSIS-DAP: FW Version = (\S+)/.exec(output)?.[1];
  const serial = /CMSIS-DAP: Serial# = (\S+)/.exec(output)?.[1];
  return ['CMSIS-DAP', version && `firmware ${version}`, serial && `serial ${serial}`]
    .filter(Boolean)
    .join(', ');
}

function programmingState(output: string): ProgrammingState {
  if (output.includes('** Verified OK **')) return 'verified';
  if (/^ecg-programmed/m.test(output)) return 'programmed';
  return /^ecg-programming/m.test(output) ? 'started' : 'not-started';
}

function sumOf(output: string, pattern: RegExp): number {
  return [...output.matchAll(pattern)].reduce((sum, match) => sum + Number(match[1]), 0);
}
