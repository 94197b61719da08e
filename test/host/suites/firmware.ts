import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { BuildResult } from '../../../src/firmware/build.ts';
import type { EmulatedRecord } from '../../../src/jobs/firmware.ts';
import type { Verification } from '../../../src/jobs/verify.ts';
import { commandIds, problemMatcher, taskType } from '../../../src/vscode/ids.ts';
import { findRun, inWorkspace, run, studioApi, until } from '../studio.ts';

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
