import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { boardTemplate } from '../../firmware/board-template.ts';
import { askForBoard, boardName, keepBoard } from '../chosen-board.ts';
import { commandIds } from '../ids.ts';
import { freeFile } from '../workspace-files.ts';
import type { StudioCommand } from './command.ts';
import { requireFolder } from './pick.ts';

/** Write a board file with all settings explained, and open it. */
export const newBoard: StudioCommand = {
  id: commandIds.newBoard,
  needsTrust: true,
  title: 'Making a new board file',
  async run(studio) {
    const file = await freeFile(requireFolder().uri.fsPath, 'board', '.ecgboard.yaml');
    const uri = vscode.Uri.file(file);
    // `wx`: never over a file that appeared in the meantime.
    await fs.writeFile(file, boardTemplate(boardName(uri)), { flag: 'wx' });
    studio.files.refresh('board');
    await vscode.window.showTextDocument(uri, { preview: false });
    return file;
  },
};

/** Say which board firmware is made for; called on a board of the tree, that one. */
export const chooseBoard: StudioCommand = {
  id: commandIds.chooseBoard,
  needsTrust: true,
  title: 'Choosing the board',
  async run(studio, argument) {
    const given = argument as { uri?: vscode.Uri } | undefined;
    if (given?.uri) {
      await keepBoard(given.uri, given.uri.fsPath);
      return path.resolve(given.uri.fsPath);
    }
    return (await askForBoard(studio, requireFolder().uri)).file;
  },
};
