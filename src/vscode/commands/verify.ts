import { countText } from '../../common/count-text.ts';
import { differenceError } from '../../jobs/difference.ts';
import type { BoardVerification, Verification } from '../../jobs/verify.ts';
import { commandIds } from '../ids.ts';
import { showError } from '../show-error.ts';
import type { Studio } from '../studio.ts';
import { call, offerNext, type StudioCommand } from './command.ts';
import { firmwareJob } from './firmware.ts';
import { pickRun, trainedRuns } from './pick.ts';
import { pickSerialPort } from './serial-port.ts';

/** Enough windows to say something, few enough to be emulated in seconds. */
const verifiedRecords = 20;

export const verify: StudioCommand = {
  id: commandIds.verify,
  needsTrust: true,
  title: 'Verifying the firmware',
  async run(studio, argument) {
    const ended = await firmwareJob(studio, 'verify', 'Verify', argument, { records: verifiedRecords });
    if (!ended) return undefined;
    const { run, name, result } = ended;
    const { instructionsPerWindow, energy } = result;
    tell(
      studio,
      { run, name, title: `Verify ${name}` },
      result,
      `${countText(instructionsPerWindow.max)} instructions a window (emulated), ${energy.milliseconds.toFixed(1)} ms and ${(energy.microjoules / 1000).toFixed(2)} mJ (estimated).`,
      { Debug: call(commandIds.debug, run), Flash: call(commandIds.flash, run) },
    );
    return result;
  },
};

export const verifyBoard: StudioCommand = {
  id: commandIds.verifyBoard,
  needsTrust: true,
  title: 'Verifying the board',
  async run(studio, argument) {
    const run = await pickRun(studio, argument, trainedRuns);
    const port = await pickSerialPort(studio);
    const more = { records: verifiedRecords, port };
    const ended = await firmwareJob(studio, 'verifyBoard', 'Verify on the board', run.folder, more);
    if (!ended) return undefined;
    const { name, result } = ended;
    const { cyclesPerWindow, millisecondsPerWindow } = result;
    tell(
      studio,
      { run: run.folder, name, title: `Verify ${name} on the board` },
      result,
      `${countText(cyclesPerWindow.max)} cycles a window, ${millisecondsPerWindow.max.toFixed(1)} ms (measured on the device).`,
      { 'Show Report': call(commandIds.firmwareReport, run.folder) },
    );
    return result;
  },
};

/** That all is the same, with what it cost; or what differs first. */
function tell(
  studio: Studio,
  { run, name, title }: { run: string; name: string; title: string },
  result: Verification | BoardVerification,
  cost: string,
  next: Record<string, () => unknown>,
): void {
  const difference = differenceError(run, result);
  if (difference) {
    void showError(studio, title, difference);
    return;
  }
  const { device, valuesCompared, windows, frontEnd } = result;
  offerNext(
    `${name}: ${device} computes what the host computes. ${countText(valuesCompared)} values of all layers in ${countText(windows)} windows and ${countText(frontEnd.samplesCompared)} filtered samples were compared, 0 differ. ${cost}`,
    next,
  );
}
