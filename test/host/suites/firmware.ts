import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { BuildResult } from '../../../src/firmware/build.ts';
import type { EmulatedRecord } from '../../../src/jobs/firmware.ts';
import type { Verification } from '../../../src/jobs/verify.ts';
import { commandIds, problemMatcher, settingIds, taskType } from '../../../src/vscode/ids.ts';
import { answering, findRun, inWorkspace, picking, run, studioApi, until } from '../studio.ts';

describe('firmware', () => {
  it('generates, builds, emulates and verifies from the commands', async function () {
    this.timeout(180_000);
    const folder = await findRun(await studioApi(), 'tiny');
    const generated = await run<{ folder: string }>(commandIds.generate, folder);
    assert.ok(fs.existsSync(path.join(generated.folder, 'CMakeLists.txt')));
    const built = await run<BuildResult>(commandIds.build, folder);
    assert.ok(built.flashBytes > 0 && built.ramBytes > 0);
    const { records } = await run<{ records: EmulatedRecord[] }>(commandIds.emulate, folder);
    assert.equal(records.length, 5);
    const verification = await run<Verification>(commandIds.verify, folder);
    assert.equal(verification.mismatches, 0);
    assert.ok(verification.valuesCompared > 100);
  });

  it('shows what takes the memory after a build, what has changed, and why each layer has its kernel', async function () {
    this.timeout(120_000);
    const { studio, views } = await studioApi();
    const folder = await findRun(await studioApi(), 'tiny');
    await run<BuildResult>(commandIds.build, folder);
    assert.ok(studio.panels.firmware.shown.includes(folder));
    const { report } = await studio.panels.firmware.show(folder, true);
    assert.ok(report);
    assert.deepEqual([report.board, report.kernels], ['nrf52-dk', 'balanced']);
    assert.ok(report.sizes.rows.some(({ what, flash }) => what === 'gru-1' && flash > 1000));
    const conv = report.blocks[0];
    assert.ok(conv.layers.startsWith('conv1d-1') && conv.others.length > 1);
    const node = (await views.runs.getChildren()).find((n) => n.kind === 'run' && n.run.folder === folder);
    assert.ok(node);
    assert.match(views.runs.getTreeItem(node).contextValue ?? '', /\bfirmware\b/);
    assert.equal(await run<string>(commandIds.firmwareReport, node), folder);

    const configuration = vscode.workspace.getConfiguration();
    await configuration.update(settingIds.kernels, 'portable', vscode.ConfigurationTarget.Workspace);
    await run<BuildResult>(commandIds.build, folder);
    const portable = await studio.panels.firmware.show(folder, true);
    const changes = portable.report?.sizes.changes;
    assert.ok((changes?.['ecg_conv1d.c'].flash ?? 0) > 0, 'a kernel that was not there before');
    assert.deepEqual(changes?.['front end'], { flash: 0, ram: 0 });
    assert.ok(portable.report);
    assert.ok(portable.report.blocks.every(({ name }) => name === 'portable C'));
    assert.equal(portable.emulated, undefined, 'this build has not been verified');

    // Verifying builds too; what has changed is still told, and now what the layers take in the emulator.
    await run<Verification>(commandIds.verify, folder);
    const verified = await studio.panels.firmware.show(folder, true);
    assert.deepEqual(verified.report?.sizes.changes, changes);
    assert.equal(verified.emulated?.difference, undefined);
    assert.equal(verified.emulated?.unit, 'instructions');
    assert.ok(verified.emulated.blocks.every((instructions) => instructions > 10));
    assert.equal(verified.emulated.blocks.length, portable.report.blocks.length);
    await configuration.update(settingIds.kernels, undefined, vscode.ConfigurationTarget.Workspace);
    await run('workbench.action.closeAllEditors');
  });

  it('over budget it says so, and the report shows by what and which layers are to blame', async function () {
    this.timeout(120_000);
    const { studio } = await studioApi();
    const folder = await findRun(await studioApi(), 'tiny');
    const tight = path.join(path.dirname(folder), '2000-01-01-000000-tight');
    fs.cpSync(folder, tight, { recursive: true, filter: (from) => path.basename(from) !== 'build' });
    const model = path.join(tight, 'model.ecgmodel.yaml');
    fs.writeFileSync(model, fs.readFileSync(model, 'utf8').replace('flash: 200 kB', 'flash: 5 kB'));
    studio.runs.refresh();
    const { asked, result } = await answering(
      'showErrorMessage',
      () => undefined,
      () => run(commandIds.build, tight),
    );
    assert.equal(result, undefined);
    assert.match(String(asked[0][0]), /the limit is 5\.0 kB.*Most is taken by/);
    const { report } = await studio.panels.firmware.show(tight, true);
    const [flash, ram] = report?.memories ?? [];
    assert.deepEqual([flash.over, flash.budget, ram.over], [true, 5000, false]);
    assert.match(flash.largest, /gru-1 \([\d,]+ B\)/);
    fs.rmSync(tight, { recursive: true });
    studio.runs.refresh();
    await run('workbench.action.closeAllEditors');
  });

  it('offers tasks for the newest trained run, and their build ends well', async function () {
    this.timeout(120_000);
    const tasks = await vscode.tasks.fetchTasks({ type: taskType });
    const build = tasks.find((task) => task.definition.step === 'build');
    assert.ok(build, tasks.map((t) => t.name).join(', '));
    assert.deepEqual(build.problemMatchers, [problemMatcher]);
    const ended = new Promise<number | undefined>((resolve) => {
      const listening = vscode.tasks.onDidEndTaskProcess((event) => {
        if (event.execution.task.definition.step !== 'build') return;
        listening.dispose();
        resolve(event.exitCode);
      });
    });
    await vscode.tasks.executeTask(build);
    assert.equal(await ended, 0);
  });

  it('makes firmware for the board and with the kernels that are chosen', async function () {
    this.timeout(240_000);
    const { studio, views } = await studioApi();
    const folder = await findRun(await studioApi(), 'tiny');
    const configuration = () => vscode.workspace.getConfiguration();
    const set = (id: string, value: string | undefined) =>
      configuration().update(id, value, vscode.ConfigurationTarget.Workspace);
    const generatedFile = (...parts: string[]): string =>
      fs.readFileSync(path.join(folder, 'firmware', ...parts), 'utf8');
    const shown = () =>
      views.boards.getChildren().flatMap((node) => (node.kind === 'board-file' ? [node] : []));
    const generateSilently = async (asking: 'showQuickPick' | 'showErrorMessage') => {
      const { asked } = await answering(
        asking,
        () => undefined,
        () => run(commandIds.generate, folder),
      );
      return asked;
    };

    const first = await run<string>(commandIds.newBoard);
    assert.equal(first, inWorkspace('board.ecgboard.yaml'));
    assert.equal(vscode.window.activeTextEditor?.document.uri.fsPath, first);
    await until('the board is listed as the only one, and so chosen', () => shown()[0]?.chosen === true);
    await set(settingIds.kernels, 'portable');
    await run(commandIds.generate, folder);
    assert.match(generatedFile('application', 'board_config.h'), /Of the board board\./);
    assert.match(generatedFile('network', 'network.c'), /\.run = ecg_conv1d,/);
    await set(settingIds.kernels, 'speed');
    await run(commandIds.generate, folder);
    assert.doesNotMatch(generatedFile('network', 'network.c'), /\.run = ecg_(conv1d|gru|dense),/);

    // With a second one nobody can know which: tasks say so, commands ask and keep the answer.
    const second = await run<string>(commandIds.newBoard);
    assert.equal(second, inWorkspace('board-2.ecgboard.yaml'));
    await until('both are listed', () => shown().length === 2);
    assert.deepEqual(
      shown().map(({ chosen }) => chosen),
      [false, false],
    );
    const [task] = await vscode.tasks.fetchTasks({ type: taskType });
    assert.ok(task.execution instanceof vscode.CustomExecution);
    const { asked } = await answering('showQuickPick', picking('board-2'), () =>
      run(commandIds.generate, folder),
    );
    assert.equal(asked.length, 1);
    assert.match(generatedFile('application', 'board_config.h'), /Of the board board-2\./);
    assert.equal(configuration().get(settingIds.board), 'board-2.ecgboard.yaml');
    assert.deepEqual(await generateSilently('showQuickPick'), [], 'asked once');
    await until('the chosen one is marked', () =>
      shown().some(({ uri, chosen }) => chosen && uri.fsPath === second),
    );
    const [chosenTask] = await vscode.tasks.fetchTasks({ type: taskType });
    const { args } = chosenTask.execution as vscode.ProcessExecution;
    assert.deepEqual(args.slice(-4), ['--board', second, '--kernels', 'speed']);

    await run(
      commandIds.chooseBoard,
      shown().find(({ uri }) => uri.fsPath === first),
    );
    assert.equal(configuration().get(settingIds.board), 'board.ecgboard.yaml');

    // A board that is gone is no reason to take another.
    fs.rmSync(first);
    const [[message]] = await generateSilently('showErrorMessage');
    assert.match(String(message), /board\.ecgboard\.yaml.*is not there.*Choose Board/);

    fs.rmSync(second);
    await set(settingIds.board, undefined);
    await set(settingIds.kernels, undefined);
    studio.files.refresh('board');
    await until('no board is listed', () => shown().length === 0);
    await run(commandIds.generate, folder);
    assert.match(generatedFile('application', 'board_config.h'), /Of the board nrf52-dk\./);
    await run('workbench.action.closeAllEditors');
  });

  it('exports the network as a library into the folder that is chosen, over nothing that is there', async () => {
    const folder = await findRun(await studioApi(), 'tiny');
    const target = inWorkspace('lib');
    fs.mkdirSync(target);
    const exportTo = async (chosen: vscode.Uri[] | undefined): Promise<string | undefined> => {
      const { result } = await answering(
        'showOpenDialog',
        () => chosen,
        () => run<{ folder: string } | undefined>(commandIds.exportLibrary, folder),
      );
      return result?.folder;
    };
    assert.equal(await exportTo([vscode.Uri.file(target)]), target);
    const names = fs.readdirSync(target);
    for (const name of ['README.md', 'CMakeLists.txt', 'zephyr', 'stream', 'network']) {
      assert.ok(names.includes(name), names.join(', '));
    }
    assert.equal(await exportTo([vscode.Uri.file(target)]), path.join(target, 'tiny-library'));
    const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
    assert.match(tab?.label ?? '', /README/);
    assert.equal(await exportTo(undefined), undefined);
    fs.rmSync(target, { recursive: true });
    await run('workbench.action.closeAllEditors');
  });

  it("puts gcc's errors into Problems", async () => {
    const file = inWorkspace('broken.c');
    fs.writeFileSync(file, 'int x\n');
    // VS Code shows problems when the process has ended, and from 100 ms after that reads no more of what it printed.
    const line = `${file}:1:6: error: expected ';' before end of file`;
    const script = `console.log(${JSON.stringify(line)}); setTimeout(() => {}, 1500)`;
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    const task = new vscode.Task(
      { type: 'process' },
      folder,
      'broken',
      'test',
      new vscode.ProcessExecution(process.execPath, ['-e', script], { env: { ELECTRON_RUN_AS_NODE: '1' } }),
      problemMatcher,
    );
    await vscode.tasks.executeTask(task);
    await until('the error is in Problems', () =>
      vscode.languages.getDiagnostics(vscode.Uri.file(file)).some((d) => /expected ';'/.test(d.message)),
    );
    fs.rmSync(file);
  });

  it('tells what is installed', async () => {
    const checks = await run<{ name: string; ok: boolean }[]>(commandIds.checkTools);
    assert.ok(checks.find((c) => c.name === 'emulator')?.ok);
    await run('workbench.action.closeAllEditors');
  });
});
