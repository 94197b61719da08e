import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import * as vscode from 'vscode';
import { datasetSuffix } from '../../../src/dataset/file-name.ts';
import type { DatasetSummary } from '../../../src/jobs/import.ts';
import type { ImportResult } from '../../../src/protocol/compute.ts';
import type { JobStart } from '../../../src/vscode/job-list.ts';
import { commandIds, editorIds } from '../../../src/vscode/ids.ts';
import { challengeFiles } from '../../fixtures/workspace.ts';
import { makeZip } from '../../fixtures/zip.ts';
import { edf } from '../../unit/recording/edf-encoder.ts';
import { activeInput, children } from '../dataset-tree.ts';
import { answering, inWorkspace, picking, run, studioApi, until } from '../studio.ts';

/** Beats of a square, 1 mV high, once a second. */
function pulses(seconds: number, rate: number): number[][] {
  return Array.from({ length: seconds }, () =>
    Array.from({ length: rate }, (_, i) => (i > 0.4 * rate && i < 0.45 * rate ? 200 : 0)),
  );
}

function csv(seconds: number): string {
  const rows = pulses(seconds, 250).flat();
  return `ECG\n${rows.map((value) => value / 200).join('\n')}\n`;
}

async function closeAll(): Promise<void> {
  await run('workbench.action.closeAllEditors');
}

describe('files that are recordings', () => {
  it('of EDF open as waveforms at a click, with their annotations', async () => {
    const { studio } = await studioApi();
    const file = inWorkspace('night.edf');
    const annotations = {
      label: 'EDF Annotations',
      records: ['+0\x14\x14\0+0.4\x14Beat\x14\0', '+1\x14\x14\0+1.4\x14Pause\x14\0', '+2\x14\x14\0'],
      room: 32,
    };
    fs.writeFileSync(
      file,
      edf([{ label: 'ECG II', records: pulses(3, 250) }, annotations], { reserved: 'EDF+C' }),
    );
    await run('vscode.open', vscode.Uri.file(file));
    await until('it is open as a waveform', () => activeInput()?.viewType === editorIds.edf);
    const opened = await studio.compute.query('openRecord', { file });
    assert.deepEqual(
      [opened.rate, opened.sampleCount, opened.leads.map(({ name }) => name)],
      [250, 750, ['ECG II']],
    );
    assert.deepEqual(
      opened.annotations.map(({ time, text }) => [time, text]),
      [
        [0.4, 'Beat'],
        [1.4, 'Pause'],
      ],
    );
    await closeAll();
    fs.rmSync(file);
  });

  it('that do not say rate and units are asked for once, and can be said again', async () => {
    const { studio } = await studioApi();
    const file = inWorkspace('bare.csv');
    fs.writeFileSync(file, csv(4).replace('ECG\n', ''));
    const asked = await sayingFacts('250', 'mV', async () => {
      await run(commandIds.openWaveform, vscode.Uri.file(file));
      await until('what was said is kept', () => studio.fileFacts.of(file).units !== undefined);
    });
    assert.equal(asked, 2);
    assert.deepEqual(studio.fileFacts.of(file), { rate: 250, units: 'mV' });
    const opened = await studio.compute.query('openRecord', { file, facts: studio.fileFacts.of(file) });
    assert.deepEqual([opened.rate, opened.sampleCount], [250, 1000]);
    await closeAll();
    const again = await sayingFacts('1', 'V', async () => {
      await studio.fileFacts.with(file, (facts) => studio.compute.query('openRecord', { file, facts }));
    });
    assert.equal(again, 0, 'nothing is asked twice');
    await studio.fileFacts.keep(file, {});
    await assert.rejects(
      sayingFacts(undefined, undefined, async () => {
        await studio.fileFacts.with(file, (facts) => studio.compute.query('openRecord', { file, facts }));
      }),
      /bare\.csv: .*, and nobody has said it/,
    );
    fs.rmSync(file);
  });
});

/** Answer what is asked of a file; gives how often something was asked. */
async function sayingFacts(
  rate: string | undefined,
  units: string | undefined,
  body: () => Promise<void>,
): Promise<number> {
  const pick = units === undefined ? () => undefined : picking(units);
  const picks = await answering('showQuickPick', pick, () => answering('showInputBox', () => rate, body));
  return picks.asked.length + picks.result.asked.length;
}

describe('importing', () => {
  it('asks for the rate and units of files that do not say them, and writes them into the dataset file', async () => {
    const folder = inWorkspace('tables');
    fs.mkdirSync(folder);
    for (let i = 0; i < 6; i++) fs.writeFileSync(inWorkspace('tables', `r${i}.csv`), csv(4 + i));
    const rows = Array.from({ length: 6 }, (_, i) => `r${i}.csv,${i % 2 ? 'A' : 'N'}\n`).join('');
    fs.writeFileSync(inWorkspace('tables', 'labels.csv'), `record,label\n${rows}`);
    let result: ImportResult | undefined;
    const asked = await sayingFacts('250', 'mV', async () => {
      result = await run<ImportResult>(commandIds.importDataset, vscode.Uri.file(folder));
    });
    assert.equal(asked, 2);
    assert.deepEqual(result?.summary.classes, { N: 3, A: 3 });
    const text = fs.readFileSync(result?.file ?? '', 'utf8');
    assert.match(text, /format: table/);
    assert.match(text, /rate: 250/);
    assert.match(text, /units: mV/);
    await forget('tables');
  });

  it('asks for nothing more once nobody answers', async () => {
    const folder = inWorkspace('tables');
    fs.mkdirSync(folder);
    fs.writeFileSync(inWorkspace('tables', 'r.csv'), csv(4));
    fs.writeFileSync(inWorkspace('tables', 'labels.csv'), 'record,label\nr.csv,N\n');
    let result: unknown = 'nothing yet';
    const { asked } = await answering(
      'showErrorMessage',
      () => undefined,
      () =>
        sayingFacts(undefined, undefined, async () => {
          result = await run(commandIds.importDataset, vscode.Uri.file(folder));
        }),
    );
    assert.equal(result, undefined);
    assert.deepEqual(asked, [], 'who does not answer has cancelled');
    assert.ok(!fs.existsSync(inWorkspace(`tables${datasetSuffix}`)));
    fs.rmSync(folder, { recursive: true });
  });

  it('downloads CinC 2017 into the workspace, checks it, and imports it', async () => {
    const zip = makeZip(challengeFiles({ A1: 'N', A2: 'A', A3: 'N', A4: 'O' }));
    const sha256 = createHash('sha256').update(zip).digest('hex');
    const server = http.createServer((_request, response) => response.end(zip));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/training2017.zip`;
    const { studio } = await studioApi();
    const { jobs } = studio;
    const original = jobs.start.bind(jobs);
    const started: string[] = [];
    // From a server of the test's own: all else is as it is.
    jobs.start = (start) => {
      started.push(start.title);
      if (start.name !== 'download') return original(start);
      const { inputs } = start as JobStart<'download'>;
      return original({ ...start, inputs: { ...inputs, url, sha256 } });
    };
    try {
      let summary: DatasetSummary | undefined;
      await answering(
        'showQuickPick',
        (items) => {
          const labels = items as { label: string }[];
          return labels.find(({ label }) => /Download CinC 2017|recordings$/.test(label));
        },
        async () => {
          summary = (await run<ImportResult>(commandIds.importDataset)).summary;
        },
      );
      assert.deepEqual(started, ['Download training2017.zip', 'Import training2017.zip']);
      assert.deepEqual(summary?.classes, { N: 2, A: 1, O: 1 });
      assert.ok(fs.readFileSync(inWorkspace('recordings', 'training2017.zip')).equals(zip));
    } finally {
      jobs.start = original;
      server.close();
    }
    await forget('training2017');
    fs.rmSync(inWorkspace('recordings'), { recursive: true });
  });
});

async function forget(name: string): Promise<void> {
  fs.rmSync(inWorkspace(name + datasetSuffix));
  fs.rmSync(inWorkspace(name), { recursive: true, force: true });
  await until('only the sample is shown', async () => (await children()).length === 1);
}
