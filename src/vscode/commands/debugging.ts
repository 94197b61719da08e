import { UserError } from '../../common/errors.ts';
import { startDebugging } from '../debug/start.ts';
import { commandIds } from '../ids.ts';
import type { StudioCommand } from './command.ts';

export const debug: StudioCommand = {
  id: commandIds.debug,
  needsTrust: true,
  title: 'Debugging in the emulator',
  run: (studio, argument, stopAt) => startDebugging(studio, argument, 'emulator', stopAt),
};

export const debugBoard: StudioCommand = {
  id: commandIds.debugBoard,
  needsTrust: true,
  title: 'Debugging on the board',
  run: (studio, argument, stopAt) => startDebugging(studio, argument, 'board', stopAt),
};

export const showActivations: StudioCommand = {
  id: commandIds.showActivations,
  needsTrust: false,
  title: 'Showing activations',
  run(studio) {
    const { session } = studio.stops;
    if (!session) {
      throw new UserError(
        'no firmware is being debugged',
        {},
        'Start it with `ECG: Debug Firmware in Emulator`, which stops in a layer.',
      );
    }
    return studio.panels.activations.show(session);
  },
};
