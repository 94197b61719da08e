import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, it } from 'node:test';
import { engineChoices } from '../../../src/engine/choice.ts';
import { kernelTargets } from '../../../src/firmware/kernel-target.ts';
import { probeKinds } from '../../../src/firmware/probes.ts';
import type { RunStatus } from '../../../src/training/run-folder.ts';
import { commandIds, contextValues, debugType, editorIds, languageIds } from '../../../src/vscode/ids.ts';
import { pickRunCommand, problemMatcher, recordScheme, settingIds } from '../../../src/vscode/ids.ts';
import { taskType, toolSettings, viewIds, walkthroughId } from '../../../src/vscode/ids.ts';

const root = path.resolve(import.meta.dirname, '..', '..', '..');

interface MenuItem {
  command: string;
  when?: string;
}
interface Manifest {
  name: string;
  publisher: string;
  icon: string;
  main: string;
  engines: { vscode: string };
  devDependencies: Record<string, string>;
  capabilities: { untrustedWorkspaces: { supported: string; restrictedConfigurations: string[] } };
  contributes: {
    commands: { command: string; category: string; enablement?: string }[];
    views: { ecg: { id: string }[] };
    viewsWelcome: { view: string; contents: string }[];
    menus: Record<string, MenuItem[]>;
    languages: { id: string; extensions: string[] }[];
    grammars: { language: string; path: string; scopeName: string }[];
    customEditors: { viewType: string }[];
    taskDefinitions: { type: string }[];
    problemMatchers: { name: string }[];
    debuggers: { type: string; variables: Record<string, string> }[];
    configuration: { properties: Record<string, { scope?: string; enum?: string[] }> }[];
    walkthroughs: { id: string; steps: { description: string; media: { markdown: string } }[] }[];
  };
}

const manifest = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as Manifest;
const { contributes } = manifest;
const commands = contributes.commands.map(({ command }) => command);

const runStates = { running: 1, done: 1, failed: 1, cancelled: 1, interrupted: 1 } satisfies Record<
  RunStatus,
  1
>;

/** `id → needsTrust`, read from the sources: they import `vscode`, which is there in VS Code only. */
function trustOfCommands(): Map<string, boolean> {
  const found = new Map<string, boolean>();
  const folder = path.join(root, 'src', 'vscode', 'commands');
  for (const file of fs.readdirSync(folder)) {
    const text = fs.readFileSync(path.join(folder, file), 'utf8');
    for (const [, key, needs] of text.matchAll(/\bid: commandIds\.(\w+),\s+needsTrust: (true|false)/g)) {
      found.set(commandIds[key as keyof typeof commandIds], needs === 'true');
    }
  }
  return found;
}

describe('package.json', () => {
  it('contributes exactly the commands of ids.ts, each once and in the category ECG', () => {
    assert.deepEqual([...commands].sort(), Object.values(commandIds).sort());
    assert.equal(new Set(commands).size, commands.length);
    for (const { command, category } of contributes.commands) assert.equal(category, 'ECG', command);
  });

  it('disables in an untrusted workspace exactly the commands that need trust', () => {
    const trust = trustOfCommands();
    assert.deepEqual([...trust.keys()].sort(), Object.values(commandIds).sort(), 'each command says so');
    for (const { command, enablement } of contributes.commands) {
      assert.equal(enablement, trust.get(command) ? 'isWorkspaceTrusted' : undefined, command);
    }
  });

  it('has the views, editor, debug type, task type, matcher and languages of ids.ts', () => {
    assert.deepEqual(
      contributes.views.ecg.map(({ id }) => id),
      Object.values(viewIds),
    );
    assert.deepEqual(
      contributes.customEditors.map(({ viewType }) => viewType),
      Object.values(editorIds),
    );
    assert.deepEqual(
      contributes.debuggers.map(({ type }) => type),
      [debugType],
    );
    assert.deepEqual(contributes.debuggers[0].variables, { [pickRunCommand]: pickRunCommand });
    assert.deepEqual(
      contributes.taskDefinitions.map(({ type }) => type),
      [taskType],
    );
    assert.deepEqual(
      contributes.problemMatchers.map(({ name }) => `$${name}`),
      [problemMatcher],
    );
    assert.deepEqual(
      contributes.languages.map(({ id }) => id),
      Object.values(languageIds),
    );
    assert.match(recordScheme, /^[a-z][a-z-]+$/);
  });

  it('claims no file but its own: other YAML stays with other extensions', () => {
    for (const { extensions } of contributes.languages) {
      for (const extension of extensions) assert.match(extension, /^\.ecg(model|data|board)\.ya?ml$/);
    }
    for (const { path: file, scopeName } of contributes.grammars) {
      const grammar = JSON.parse(fs.readFileSync(path.join(root, file), 'utf8')) as {
        scopeName: string;
        patterns: { include: string }[];
      };
      assert.equal(grammar.scopeName, scopeName);
      assert.ok(grammar.patterns.some(({ include }) => include === 'source.yaml'));
    }
  });

  it('has all settings, and restricts every path of a tool', () => {
    const [{ properties }] = contributes.configuration;
    const known = [...Object.values(settingIds), ...Object.keys(toolSettings)];
    assert.deepEqual(Object.keys(properties).sort(), known.sort());
    for (const choice of properties[settingIds.engine].enum ?? []) {
      assert.ok(
        engineChoices.some((known) => known === choice),
        choice,
      );
    }
    assert.deepEqual(properties[settingIds.probe].enum, ['auto', ...probeKinds, 'custom']);
    assert.deepEqual(properties[settingIds.kernels].enum, [...kernelTargets]);
    const { supported, restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
    assert.equal(supported, 'limited');
    assert.deepEqual(
      [...restrictedConfigurations].sort(),
      [...Object.keys(toolSettings), settingIds.adapterCommands, settingIds.tensorflow].sort(),
    );
    for (const id of restrictedConfigurations) assert.equal(properties[id].scope, 'machine-overridable', id);
  });

  it('names contributed commands in its menus, and known items of the trees', () => {
    const ofRuns = ['evaluated', 'firmware', 'damaged'];
    const source = fs.readFileSync(path.join(root, 'src', 'vscode', 'views', 'runs-view.ts'), 'utf8');
    for (const value of ofRuns) assert.ok(source.includes(`'${value}'`), value);
    const known = [...Object.keys(runStates), ...ofRuns, ...Object.values<string>(contextValues)];
    for (const [menu, items] of Object.entries(contributes.menus)) {
      for (const { command, when = '' } of items) {
        assert.ok(commands.includes(command), `${menu}: ${command}`);
        for (const [, value] of when.matchAll(/viewItem == ([\w-]+)/g)) {
          assert.ok(known.includes(value), `${menu}: ${command}: ${value}`);
        }
        for (const [, pattern] of when.matchAll(/viewItem =~ \/(.*?)\/(?: |$)/g)) {
          // Every alternative is a value, or the beginning of one.
          const begins = /^\^[\w-]+$/.test(pattern);
          const words = pattern.replaceAll('\\b', '').match(/[\w-]+/g) ?? [];
          assert.ok(words.length > 0, pattern);
          for (const word of words) {
            const found = known.some((value) => value === word || (begins && value.startsWith(word)));
            assert.ok(found, `${menu}: ${command}: ${word}`);
          }
        }
        for (const [, view] of when.matchAll(/\bview == ([\w.-]+)/g)) {
          assert.ok(Object.values<string>(viewIds).includes(view), `${menu}: ${command}: ${view}`);
        }
      }
    }
  });

  it('types the API of exactly the version that it asks for, which the tested VS Code has', () => {
    const floor = manifest.devDependencies['@types/vscode'];
    assert.equal(manifest.engines.vscode, `^${floor}`);
    const [major, minor] = floor.split('.').map(Number);
    assert.ok(major === 1 && minor <= 139, floor);
  });

  it('has a walkthrough of five steps whose pictures and commands are there', () => {
    const [{ id, steps }] = contributes.walkthroughs;
    assert.equal(`${manifest.publisher}.${manifest.name}#${id}`, walkthroughId);
    assert.equal(steps.length, 5);
    const texts = [...steps.map((s) => s.description), ...contributes.viewsWelcome.map((w) => w.contents)];
    for (const [, command] of texts.join('\n').matchAll(/\(command:([\w.-]+)\)/g)) {
      const builtIn = ['vscode.openFolder', 'workbench.trust.manage'];
      assert.ok(commands.includes(command) || builtIn.includes(command), command);
    }
    for (const { media } of steps) assert.ok(fs.existsSync(path.join(root, media.markdown)), media.markdown);
  });

  it('has an icon of at least 128 × 128 pixels', () => {
    const png = fs.readFileSync(path.join(root, manifest.icon));
    assert.equal(png.toString('latin1', 0, 8), '\x89PNG\r\n\x1a\n');
    assert.equal(png.toString('latin1', 12, 16), 'IHDR');
    assert.ok(png.readUInt32BE(16) >= 128 && png.readUInt32BE(20) >= 128);
  });
});
