import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { CodeServer, editorMissing, newPage, openBrowser } from '../editor/code-server.ts';
import { temporaryFolder } from '../fixtures/workspace.ts';
import { dataFolder, needsData, requirement } from '../require.ts';
import { packaged } from './package.ts';
import { Workbench } from './workbench.ts';

const needsEditor = requirement('vscode', editorMissing() ?? true);
const needs = { skip: needsEditor.skip || needsData.skip };
const folder = temporaryFolder();

const themes = [
  ['light', 'Light Modern', 'vs'],
  ['dark', 'Dark Modern', 'vs-dark'],
  ['high-contrast', 'Dark High Contrast', 'hc-black'],
] as const;

describe('a user with real recordings', { ...needs, timeout: 15 * 60_000 }, () => {
  let server: CodeServer;
  let browser: Browser;
  let bench: Workbench;
  const workspace = path.join(folder, 'recordings');

  before(async () => {
    if (needs.skip) return;
    fs.mkdirSync(workspace, { recursive: true });
    for (const extension of ['hea', 'dat', 'atr']) {
      const file = `208.${extension}`;
      fs.copyFileSync(path.join(dataFolder, 'mitdb', file), path.join(workspace, file));
    }
    const cinc = path.join(dataFolder, 'cinc2017', 'training2017.zip');
    fs.writeFileSync(
      path.join(workspace, 'cinc2017.ecgdata.yaml'),
      `version: 1\nname: cinc2017\nsource: { format: cinc2017, path: ${JSON.stringify(cinc)} }\n`,
    );
    fs.writeFileSync(path.join(workspace, 'bare.csv'), bareNumbers());
    server = await CodeServer.start({
      vsix: packaged(),
      settings: { 'workbench.colorTheme': 'Light Modern' },
      env: { ECG_CACHE_DIR: path.join(folder, 'cache') },
    });
    browser = await openBrowser();
    bench = new Workbench(await newPage(browser));
    await bench.open(server.url, workspace);
    await bench.page.locator('.activitybar [aria-label="ECG Studio"]').first().click();
  });

  after(async () => {
    if (bench) await bench.screenshot('39-end');
    await browser?.close();
    await server?.stop();
  });

  const row = (text: string | RegExp) =>
    bench.page.locator('.pane-body .monaco-list-row', { hasText: text }).first();

  it('indexes a dataset from its tree, and sees splits, classes and records', async () => {
    await row('cinc2017').click();
    await row('Index to see the splits').click();
    await row(/^train5,6/).waitFor({ timeout: 120_000 });
    await row(/^cinc20177,000 records/).waitFor();
    await row(/^train5,6/).click();
    await row(/^A498/).click();
    await row('A00004').waitFor();
    await bench.screenshot('30-dataset-tree-light');
  });

  it('filters the tree, and clears the filter', async () => {
    await bench.run('ECG: Filter Records');
    const input = bench.page.locator('.quick-input-widget input').first();
    await input.fill('A test');
    await bench.page.keyboard.press('Enter');
    await row(/62 of 7,000/).waitFor();
    await row(/^test62/).click();
    await row(/^A62/).click();
    await bench.page.waitForTimeout(500);
    await bench.screenshot('31-dataset-filtered-light');
    await bench.run('ECG: Clear Filter of Records');
    await row(/^cinc20177,000 records/).waitFor();
  });

  it('finds a record by its name', async () => {
    await bench.run('ECG: Open Record by Name');
    const input = bench.page.locator('.quick-input-widget input').first();
    await input.fill('a0740');
    const found = bench.page.locator('.quick-input-list .monaco-list-row[aria-label^="A07401"]');
    await found.waitFor();
    await bench.screenshot('32-find-record-light');
    await found.click();
    await bench.webview('canvas.plot');
  });

  it('reads an annotated recording, in each theme', async () => {
    await bench.page.locator('.activitybar [aria-label^="Explorer"]').first().click();
    await bench.page.locator('.explorer-folders-view [aria-label^="208.hea"]').first().click();
    await bench.run('ECG: Open Waveform');
    const waveform = await bench.webview('canvas.plot[aria-label*="208"]');
    await bench.until('annotations are counted', async () =>
      /\d annotations/.test((await waveform.textContent('p.muted')) ?? ''),
    );
    await waveform.focus('canvas.plot');
    await bench.page.keyboard.press('n');
    await bench.page.keyboard.press('n');
    await bench.page.keyboard.press('n');
    await bench.until('the readout names the annotation', async () =>
      /annotated/.test((await waveform.textContent('.readout')) ?? ''),
    );
    for (const [name, theme, kind] of themes) {
      await bench.chooseTheme(theme, kind);
      await bench.screenshot(`33-annotated-${name}`);
    }
    await bench.chooseTheme('Light Modern', 'vs');
    await waveform.click('button[title^="The whole record"]');
    await bench.page.waitForTimeout(3000);
    await bench.screenshot('34-half-an-hour-light');
  });

  it('says the rate and units of a file of bare numbers, once', async () => {
    await bench.page
      .locator('.explorer-folders-view [aria-label^="bare.csv"]')
      .first()
      .click({ button: 'right' });
    const item = bench.page.locator('.context-view .action-label', { hasText: 'Open Waveform' }).first();
    await item.waitFor();
    // A menu takes no click in its first moment: that may be the one that has opened it.
    await bench.page.waitForTimeout(500);
    await item.click();
    const widget = bench.page.locator('.quick-input-widget');
    await widget.locator('.monaco-list-row[aria-label^="mV"]').waitFor({ timeout: 60_000 });
    await bench.screenshot('35-units-asked-light');
    await bench.pick('mV');
    const input = widget.locator('input').first();
    await bench.until(
      'the rate is asked for',
      async () => (await input.getAttribute('placeholder')) === '250',
    );
    await bench.screenshot('36-rate-asked-light');
    await input.fill('250');
    await bench.page.keyboard.press('Enter');
    const waveform = await bench.webview('canvas.plot[aria-label*="bare"]');
    await bench.until('it says what was said', async () =>
      /As you said: 250 Hz, mV/.test((await waveform.textContent('.bar')) ?? ''),
    );
    await bench.page.waitForTimeout(500);
    await bench.screenshot('37-bare-numbers-light');
  });

  it('sees the statistics of a dataset, and what to look at first, in each theme', async () => {
    await bench.run('View: Close All Editors');
    await bench.run('ECG: Dataset Statistics');
    const page = await bench.webview('progress');
    await bench.page.waitForTimeout(2000);
    await bench.screenshot('38-measuring-light');
    await page.waitForSelector('table.look', { timeout: 180_000 });
    for (const [name, theme, kind] of themes) {
      await bench.chooseTheme(theme, kind);
      await bench.screenshot(`38-statistics-${name}`);
    }
    await bench.chooseTheme('Light Modern', 'vs');
    const record = (await page.textContent('table.look tbody button.link')) ?? '';
    await page.focus('table.look tbody button.link');
    await bench.page.keyboard.press('ArrowDown');
    await bench.page.waitForTimeout(300);
    await bench.screenshot('38-statistics-list-light');
    await bench.page.keyboard.press('ArrowUp');
    await bench.page.keyboard.press('Enter');
    await bench.webview(`canvas.plot[aria-label*="${record}"]`);
    await bench.page.waitForTimeout(1000);
    await bench.screenshot('38-statistics-with-waveform-light');
    const data = path.join(workspace, 'cinc2017.ecgdata.yaml');
    await page.click(`button[aria-label="Exclude ${record}"]`);
    await bench.until('it is excluded', async () =>
      /excluded/.test((await page.textContent('table.look tbody tr')) ?? ''),
    );
    assert.match(fs.readFileSync(data, 'utf8'), new RegExp(`exclude:\\n +- ${record}\\n`));
    await bench.screenshot('38-statistics-excluded-light');
    await page.evaluate('window.scrollTo(0, 1e6)');
    await bench.page.waitForTimeout(300);
    await bench.screenshot('38-statistics-end-light');
  });
});

/** A column of voltages and nothing else: a beat a second at 250 Hz. */
function bareNumbers(): string {
  const rows = Array.from({ length: 5000 }, (_, i) => {
    const phase = (i % 250) / 250;
    const wave = (at: number, width: number, height: number): number =>
      height * Math.exp(-(((phase - at) / width) ** 2));
    return (
      wave(0.25, 0.03, 0.12) +
      wave(0.4, 0.012, 1) -
      wave(0.43, 0.012, 0.25) +
      wave(0.65, 0.05, 0.3)
    ).toFixed(4);
  });
  return rows.join('\n') + '\n';
}
