import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Frame, Locator, Page } from 'playwright-core';
import { repository } from '../editor/code-server.ts';

/** Kept in the repository's `out/`, to be looked at. */
export const screenshotFolder = path.join(repository, 'out', 'screenshots');

const longMs = 120_000;

/** VS Code in the browser, worked as a user works it; every click and pick is counted. */
export class Workbench {
  readonly page: Page;
  /** Clicks and palette picks so far. */
  actions = 0;

  constructor(page: Page) {
    this.page = page;
    fs.mkdirSync(screenshotFolder, { recursive: true });
  }

  async open(url: string, folder: string): Promise<void> {
    await this.page.goto(`${url}/?folder=${encodeURIComponent(folder)}`);
    await this.page.locator('.activitybar').waitFor({ timeout: longMs });
    // The extension host is there when our icon is.
    await this.page.locator('.activitybar [aria-label="ECG Studio"]').first().waitFor({ timeout: longMs });
  }

  /** Run a command from the palette: one pick. */
  async run(title: string): Promise<void> {
    this.actions++;
    // A window that is still starting may close the palette again.
    for (let tries = 1; ; tries++) {
      await this.page.keyboard.press('F1');
      const input = this.page.locator('.quick-input-widget input').first();
      try {
        await input.waitFor({ state: 'visible', timeout: 5000 });
        await input.fill(`>${title}`);
        // Not Enter after a delay: the list may still be the one before.
        const row = this.page.locator(`.quick-input-list .monaco-list-row[aria-label^="${title}"]`);
        await row.first().click({ timeout: 5000 });
        return;
      } catch (error) {
        if (tries === 5) throw error;
        await this.page.keyboard.press('Escape');
      }
    }
  }

  /** Choose an entry of a list: one pick. */
  async pick(label: string): Promise<void> {
    this.actions++;
    await this.page
      .locator(`.quick-input-list .monaco-list-row[aria-label^="${label}"]`)
      .first()
      .click({ timeout: longMs });
  }

  async click(locator: Locator): Promise<void> {
    this.actions++;
    await locator.click({ timeout: longMs });
  }

  /** A message with this text. */
  toast(text: string | RegExp): Locator {
    return this.page.locator('.notification-toast', { hasText: text }).first();
  }

  /** Wait for a message and click one of its buttons: one click. */
  async answer(text: string | RegExp, button: string): Promise<void> {
    const toast = this.toast(text);
    await toast.waitFor({ timeout: longMs });
    await this.click(toast.locator('.monaco-button', { hasText: button }).first());
  }

  async waitForToast(text: string | RegExp): Promise<string> {
    const toast = this.toast(text);
    await toast.waitFor({ timeout: longMs });
    return (await toast.textContent()) ?? '';
  }

  /** @param kind class that the workbench then has: `vs`, `vs-dark`, `hc-black`, `hc-light` */
  async chooseTheme(name: string, kind: string): Promise<void> {
    await this.run('Preferences: Color Theme');
    await this.page.locator('.quick-input-widget input').first().fill(name);
    await this.page.locator(`.quick-input-list .monaco-list-row[aria-label^="${name}"]`).first().click();
    await this.page.locator(`.monaco-workbench.${kind}`).waitFor();
    // Webviews get the colours a moment later.
    await this.page.waitForTimeout(1000);
  }

  async closeToasts(): Promise<void> {
    await this.run('Notifications: Clear All Notifications');
    this.actions--;
  }

  /** The inner frame of a webview that has this element. */
  async webview(selector: string): Promise<Frame> {
    const found = await this.#poll(async () => {
      for (const frame of this.page.frames()) {
        const element = await frame.$(selector).catch(() => null);
        if (element && (await element.isVisible().catch(() => false))) return frame;
      }
      return undefined;
    });
    assert.ok(found, `a webview shows ${selector}`);
    return found;
  }

  async until(what: string, so: () => Promise<boolean>): Promise<void> {
    const yes = await this.#poll(async () => ((await so()) ? true : undefined));
    assert.ok(yes, `never happened: ${what}`);
  }

  async screenshot(name: string): Promise<void> {
    await this.page.screenshot({ path: path.join(screenshotFolder, `${name}.png`) });
  }

  async #poll<T>(ask: () => Promise<T | undefined>): Promise<T | undefined> {
    for (let tries = 0; tries < longMs / 200; tries++) {
      const answer = await ask();
      if (answer !== undefined) return answer;
      await this.page.waitForTimeout(200);
    }
    return undefined;
  }
}
