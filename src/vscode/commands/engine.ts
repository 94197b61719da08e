import * as vscode from 'vscode';
import { installQuestion } from '../../tensorflow/package.ts';
import { commandIds, settingIds } from '../ids.ts';
import { offerNext, runJob, type StudioCommand } from './command.ts';

/** Asked first: it downloads some hundred MB. */
export const installTensorFlow: StudioCommand = {
  id: commandIds.installTensorFlow,
  needsTrust: true,
  title: 'Installing TensorFlow',
  async run(studio) {
    const yes = 'Install';
    const answer = await vscode.window.showWarningMessage(installQuestion, { modal: true }, yes);
    if (answer !== yes) return undefined;
    const start = { name: 'installTensorFlow', title: 'Install TensorFlow', inputs: {} } as const;
    const result = await runJob(studio, start);
    if (!result) return undefined;
    offerNext(`TensorFlow (${result.build}) is installed.`, {
      'Train with It': () =>
        vscode.workspace
          .getConfiguration()
          .update(settingIds.engine, 'tensorflow', vscode.ConfigurationTarget.Global),
    });
    return result;
  },
};
