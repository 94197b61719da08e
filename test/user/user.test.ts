import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { CodeServer, editorMissing, newPage, openBrowser, repository } from '../editor/code-server.ts';
import { temporaryFolder } from '../fixtures/workspace.ts';
import { requirement } from '../require.ts';
import { packaged } from './package.ts';
import { Workbench } from './workbench.ts';

const needsEditor = requirement('vscode', editorMissing() ?? true);
const folder = temporaryFolder();

/** What a whole way from nothing to an emulated network may cost the user. */
const mostActions = 8;

/** Of a screenshot's name, as VS Code calls it, its kind. */
const everyTheme = [
  ['light', 'Light Modern', 'vs'],
  ['dark', 'Dark Modern', 'vs-dark'],
  ['high-contrast', 'Dark High Contrast', 'hc-black'],
  ['high-contrast-light', 'Light High Contrast', 'hc-light'],
] as const;

describe('a user with the installed package', { ...needsEditor, timeout: 15 * 60_000 }, () => {
  let server: CodeServer;
  let browser: Browser;
  let bench: Workbench;
  const workspace = path.join(folder, "new work space's");

  before(async () => {
    if (editorMissing()) return;
    fs.mkdirSync(workspace, { recursive: true });
    const vsix = packaged();
    server = await CodeServer.start({
      vsix,
      settings: { 'workbench.colorTheme': 'Light Modern' },
      env: { ECG_CACHE_DIR: path.join(folder, 'cache') },
    });
    browser = await openBrowser();
    bench = new Workbench(await newPage(browser));
    await bench.open(server.url, workspace);
  });

  after(async () => {
    if (bench) await bench.screenshot('99-end');
    await browser?.close();
    await server?.stop();
  });

  it('finds its way from the welcome texts', async () => {
    await bench.page.locator('.activitybar [aria-label="ECG Studio"]').first().click();
    const welcome = bench.page.locator('.welcome-view-content', { hasText: 'No dataset yet' });
    await welcome.waitFor();
    await bench.screenshot('01-welcome-light');
  });

  it('goes from nothing to an emulated sample network in at most eight clicks or picks', async () => {
    bench.actions = 0;
    await bench.click(
      bench.page
        .locator('.welcome-view .monaco-button, .welcome-view a', { hasText: 'Synthesize Sample Dataset' })
        .first(),
    );
    await bench.answer('synthetic records', 'New Model');
    await bench.pick('slim');
    const hint = bench.page.locator('.view-lines', { hasText: '8×256' });
    await hint.waitFor({ timeout: 60_000 });
    await bench.until('totals show in a lens', async () =>
      /138,244 parameters/.test(
        (await bench.page.locator('.codelens-decoration').allTextContents()).join(' '),
      ),
    );
    await bench.screenshot('02-model-with-hints-light');
    await bench.run('ECG: Train');
    const curves = await bench.webview('canvas[aria-label^="Curves after"]');
    await bench.until('an epoch has ended', async () => (await curves.$$('tbody tr')).length >= 3);
    await bench.screenshot('03-training-curves-light');
    await bench.answer('is trained', 'Evaluate');
    const matrix = await bench.webview('table.matrix');
    assert.equal((await matrix.$$('button.cell')).length, 16);
    await bench.screenshot('04-confusion-matrix-light');
    await bench.answer('mean F1', 'Emulate');
    const said = await bench.waitForToast('The emulated device got');
    assert.match(said, /of 5 test records right/);
    await bench.screenshot('05-emulated-light');
    assert.ok(bench.actions <= mostActions, `${bench.actions} clicks and picks`);
  });

  it('shows trees with counts, totals and figures', async () => {
    await bench.closeToasts();
    const texts = async (): Promise<string> =>
      (await bench.page.locator('.pane-body .monaco-list-row').allTextContents()).join('\n');
    for (const wanted of [/300 records, synthetic/, /138,244 parameters/, /done · F1 0\.\d+/, /Emulator/]) {
      await bench.until(`${wanted.source} is shown`, async () => wanted.test(await texts()));
    }
  });

  it('lists the records of a cell and opens one as a waveform with the network’s probabilities', async () => {
    const matrix = await bench.webview('table.matrix');
    const cells = await matrix.$$('button.cell');
    for (const cell of cells) {
      if ((await cell.textContent()) === '0') continue;
      await cell.click();
      break;
    }
    const record = await matrix.waitForSelector('button.link');
    await bench.screenshot('06-records-of-a-cell-light');
    await record.click();
    const waveform = await bench.webview('canvas.plot');
    await bench.until('probabilities are drawn', async () =>
      /after each of \d+ windows/.test((await waveform.textContent('.legend')) ?? ''),
    );
    await bench.page.waitForTimeout(500);
    await bench.screenshot('07-waveform-light');
    const label = await waveform.getAttribute('canvas.plot', 'aria-label');
    await waveform.focus('canvas.plot');
    await bench.page.keyboard.press('ArrowRight');
    await bench.until(
      'the keyboard pans',
      async () => (await waveform.getAttribute('canvas.plot', 'aria-label')) !== label,
    );
    await waveform.press('canvas.plot', '+');
    await waveform.hover('canvas.plot', { position: { x: 300, y: 100 } });
    await bench.until('the readout tells time and voltage', async () =>
      /mV.*window \d+: p\(N\)/.test((await waveform.textContent('.readout')) ?? ''),
    );
    await bench.screenshot('08-waveform-closer-light');
  });

  it('shows what takes the memory, what a window takes, and by the keyboard why a layer has its kernel', async () => {
    await bench.run('ECG: Build Firmware');
    const page = await bench.webview('section details');
    const text = async (): Promise<string> => (await page.textContent('body')) ?? '';
    for (const wanted of [/Flash and RAM by layer/, /gru-1/, /rest of the image/, /estimated/]) {
      assert.match(await text(), wanted);
    }
    assert.doesNotMatch(await text(), /undefined|NaN|Infinity/);
    await bench.closeToasts();
    await page.focus('button[data-key="verify"]');
    await bench.page.keyboard.press('Enter');
    await bench.until('it is compared with the host', async () =>
      /The emulator computes what the host computes: [\d,]+ values.*instructions \(emulated\), [\d.]+ ms \(estimated\)/s.test(
        await text(),
      ),
    );
    await bench.closeToasts();
    await page.focus('summary');
    await bench.page.keyboard.press('Enter');
    await page.locator('details[open] li').first().waitFor();
    await bench.screenshot('06-firmware-kernels-beside-light');
    await bench.run('View: Toggle Maximize Editor Group');
    for (const [name, theme, kind] of everyTheme) {
      await bench.chooseTheme(theme, kind);
      for (const heading of ['Memory of the network', 'Flash and RAM by layer', 'Kernels by layer']) {
        await page.evaluate(
          `[...document.querySelectorAll('h2')].find((h2) => h2.textContent === '${heading}').scrollIntoView()`,
        );
        await bench.screenshot(`06-firmware-${heading.split(' ')[0].toLowerCase()}-${name}`);
      }
    }
    await bench.chooseTheme('Light Modern', 'vs');
    await bench.run('View: Toggle Maximize Editor Group');
    await bench.screenshot('06-firmware-beside-light');
  });

  it('stops the debugger in a layer, with locals and registers', async () => {
    await bench.run('ECG: Debug Firmware in Emulator');
    await bench.page.locator('.debug-toolbar').waitFor({ timeout: 120_000 });
    const variables = bench.page.locator('.debug-variables .monaco-list-row');
    await bench.page
      .locator('.debug-call-stack .monaco-list-row', { hasText: 'ecg_conv1d' })
      .first()
      .waitFor({ timeout: 120_000 });
    for (const [scope, expected] of [
      ['Registers', /\br0\b/],
      ['Local', /memory/],
    ] as const) {
      await variables.filter({ hasText: scope }).first().click();
      await bench.until(`${scope} are there`, async () =>
        expected.test((await variables.allTextContents()).join(' ')),
      );
    }
    await bench.screenshot('09-debugging-light');
  });

  it('shows the activations of the layer and the registers, readable in every theme and by the keyboard', async () => {
    await bench.run('ECG: Show Activations');
    const page = await bench.webview('svg.tensor');
    assert.match((await page.textContent('[role="status"]')) ?? '', /Block 1 of \d+: conv1d-1.* is running/);
    const [, input] = await page.$$('section');
    assert.match((await input.textContent()) ?? '', /Input: the window.*1 channel of 256 positions, int8/);
    await page.click('section:nth-of-type(2) td[aria-selected="true"]');
    await bench.page.keyboard.press('End');
    await bench.until('the keyboard goes to the last position', async () =>
      /^channel 0, position 255: -?\d+ = /.test(
        (await page.textContent('section:nth-of-type(2) .readout')) ?? '',
      ),
    );
    await bench.run('View: Hide Panel');
    const registers = bench.page.locator('.pane-header', { hasText: 'Peripheral Registers' });
    await registers.click();
    // Room for them.
    for (const other of ['Variables', 'Watch']) {
      await bench.page.locator('.pane-header', { hasText: other }).first().click();
    }
    await bench.page.getByText('The emulator is no nRF52832').first().waitFor();
    const rows = bench.page.locator('.pane-body .monaco-list-row');
    await rows.filter({ hasText: 'SAADC' }).first().click();
    await bench.page.keyboard.press('ArrowLeft');
    // The processor comes last.
    await bench.page.keyboard.press('End');
    await bench.page.keyboard.press('ArrowRight');
    await bench.until('the first register can be gone to', async () => {
      await bench.page.keyboard.press('ArrowRight');
      return rows.filter({ hasText: '0x410fc' }).first().isVisible();
    });
    // The window's output is whole once the layer has run.
    await bench.run('Debug: Step Out');
    await bench.until('the layer has run', async () =>
      /has run/.test((await page.textContent('[role="status"]')) ?? ''),
    );
    for (const [name, theme, kind] of everyTheme) {
      await bench.chooseTheme(theme, kind);
      await bench.screenshot(`09-activations-${name}`);
    }
    await bench.chooseTheme('Light Modern', 'vs');
    await bench.run('Debug: Stop');
    await bench.page.locator('.debug-toolbar').waitFor({ state: 'hidden', timeout: 60_000 });
  });

  it('looks right in a dark theme and in high contrast', async () => {
    for (const [name, theme, kind] of [
      ['dark', 'Dark Modern', 'vs-dark'],
      ['high-contrast', 'Dark High Contrast', 'hc-black'],
    ]) {
      await bench.chooseTheme(theme, kind);
      await bench.page.locator('.activitybar [aria-label="ECG Studio"]').first().click();
      for (const [tab, shot] of [
        ['slim.ecgmodel.yaml', 'model'],
        ['Training:', 'training'],
        ['Evaluation:', 'evaluation'],
        ['Firmware:', 'firmware'],
        ['.ecgrecord', 'waveform'],
      ]) {
        await bench.page.locator('.tabs-container .tab', { hasText: tab }).first().click();
        await bench.page.waitForTimeout(800);
        await bench.screenshot(`10-${shot}-${name}`);
      }
    }
  });

  it('brings panels and waveform back after a reload', async () => {
    await bench.chooseTheme('Light Modern', 'vs');
    await bench.page.reload();
    await bench.page
      .locator('.tabs-container .tab', { hasText: 'Evaluation:' })
      .first()
      .click({ timeout: 120_000 });
    const matrix = await bench.webview('table.matrix');
    assert.ok(await matrix.$('button.cell[aria-pressed="true"]'), 'the chosen cell is still chosen');
    await bench.page.locator('.tabs-container .tab', { hasText: '.ecgrecord' }).first().click();
    await bench.webview('canvas.plot');
    await bench.page.locator('.tabs-container .tab', { hasText: 'Training:' }).first().click();
    await bench.webview('canvas[aria-label^="Curves after"]');
    await bench.page.locator('.tabs-container .tab', { hasText: 'Firmware:' }).first().click();
    const firmware = await bench.webview('section details');
    assert.match((await firmware.textContent('body')) ?? '', /The emulator computes what the host computes/);
  });
});

describe('a user who has not trusted the folder', { ...needsEditor, timeout: 5 * 60_000 }, () => {
  it('can look, but cannot train, build or flash', async () => {
    const workspace = path.join(folder, 'untrusted');
    fs.mkdirSync(workspace, { recursive: true });
    const zoo = path.join(repository, 'media', 'zoo', 'slim.ecgmodel.yaml');
    fs.copyFileSync(zoo, path.join(workspace, 'slim.ecgmodel.yaml'));
    const server = await CodeServer.start({
      vsix: packaged(),
      workspaceTrust: true,
      settings: {
        'security.workspace.trust.startupPrompt': 'never',
        'security.workspace.trust.enabled': true,
      },
      env: { ECG_CACHE_DIR: path.join(folder, 'cache') },
    });
    const browser = await openBrowser();
    try {
      const bench = new Workbench(await newPage(browser));
      await bench.open(server.url, workspace);
      await bench.page.locator('.activitybar [aria-label="ECG Studio"]').first().click();
      await bench.page
        .locator('.welcome-view-content', { hasText: 'needs a trusted workspace' })
        .first()
        .waitFor();
      await bench.until('the model is listed with its totals', async () =>
        /138,244 parameters/.test(
          (await bench.page.locator('.pane-body .monaco-list-row').allTextContents()).join(''),
        ),
      );
      await bench.screenshot('20-restricted-mode');
      // As high as the list of all commands, which has no rows where it is not seen.
      await bench.page.setViewportSize({ width: 1440, height: 2400 });
      await bench.page.keyboard.press('F1');
      const input = bench.page.locator('.quick-input-widget input').first();
      await input.fill('>ECG: ');
      await bench.page.locator('.quick-input-list .monaco-list-row[aria-label^="ECG: Show Log"]').waitFor();
      const offered = await bench.page.locator('.quick-input-list .monaco-list-row').allTextContents();
      for (const title of ['Train', 'Build Firmware', 'Flash Firmware', 'Import Dataset']) {
        assert.ok(!offered.some((text) => text.includes(`ECG: ${title}`)), `${title} is offered`);
      }
      assert.ok(!fs.existsSync(path.join(workspace, 'runs')));
    } finally {
      await browser.close();
      await server.stop();
    }
  });
});
