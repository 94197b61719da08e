import './waveform.css';
import type { WaveformAsked, WaveformOpened } from '../../src/protocol/webview.ts';
import { button, element, root, select, showSelected } from '../shared/dom.ts';
import { connect, savedState, saveState } from '../shared/host.ts';
import { onThemeChange } from '../shared/theme.ts';
import { attachControls } from './controls.ts';
import { timeText } from './paper.ts';
import { Plot } from './plot.ts';
import { Pyramid } from './pyramid.ts';
import { centerOf, type Lead } from './trace.ts';
import { gains, speeds, ViewRange, type ViewState } from './view-range.ts';
import { Windows } from './windows-strip.ts';

interface State extends ViewState {
  /** Run whose network is asked; empty: none. */
  run: string;
}

/** Samples of every lead that are asked for at a time. */
const chunk = 1 << 18;

const channel = connect<WaveformAsked, object, object>();
const saved = savedState<State>();

async function start(): Promise<void> {
  const record = await channel.ask('open', null);
  const page = new WaveformPage(record);
  await page.load();
}

function optionsOf(values: readonly number[], unit: string): { value: string; text: string }[] {
  return values.map((v) => ({ value: String(v), text: `${v} ${unit}` }));
}

class WaveformPage {
  readonly #record: WaveformOpened;
  readonly #view: ViewRange;
  readonly #plot: Plot;
  readonly #readout = element('p', { class: 'readout', 'aria-live': 'polite' });
  readonly #legend = element('p', { class: 'legend' });
  readonly #messages = element('div');
  readonly #speed = select('Speed', optionsOf(speeds, 'mm/s'), '', (value) => {
    this.#view.setSpeed(Number(value));
    this.#changed();
  });
  #run = '';

  constructor(record: WaveformOpened) {
    this.#record = record;
    const initial = {
      start: saved.start ?? 0,
      mmPerSecond: saved.mmPerSecond ?? 25,
      mmPerMillivolt: saved.mmPerMillivolt ?? 10,
    };
    this.#view = new ViewRange(initial, record.sampleCount / record.rate);
    this.#plot = new Plot(this.#view);
    const wanted = saved.run ?? record.runs[0]?.folder ?? '';
    this.#run = record.runs.some(({ folder }) => folder === wanted) ? wanted : '';
    root().replaceChildren(
      ...this.#head(),
      this.#toolbar(),
      this.#messages,
      this.#plot.element,
      ...[this.#readout, this.#legend],
      element('p', { class: 'notice' }, record.notice),
    );
    attachControls(this.#plot, this.#view, () => this.#changed());
    onThemeChange(() => this.#changed());
  }

  async load(): Promise<void> {
    const { sampleCount, rate, leads } = this.#record;
    const made = leads.map(({ name }): Lead => {
      const pyramid = new Pyramid(new Float32Array(sampleCount).fill(NaN));
      return { name, rate, pyramid, center: 0 };
    });
    this.#plot.leads = made;
    for (let from = 0; from < sampleCount; from += chunk) {
      const parts = await channel.ask('samples', { start: from, count: chunk });
      for (const [i, lead] of made.entries()) {
        lead.pyramid.samples.set(parts[i], from);
        lead.pyramid.update(from, from + parts[i].length);
        if (from === 0) lead.center = centerOf(parts[i]);
      }
      this.#changed();
    }
    await this.#askNetwork();
  }

  #head(): HTMLElement[] {
    const { name, label, rate, leads, synthetic } = this.#record;
    const facts = [
      ...(label === undefined ? [] : [`label ${label}`]),
      `${rate} Hz`,
      `${leads.length} lead${leads.length > 1 ? 's' : ''}`,
      timeText(this.#view.duration, 1),
      ...(synthetic ? ['synthetic'] : []),
    ];
    return [element('h1', {}, name), element('p', { class: 'muted' }, facts.join(' · '))];
  }

  #toolbar(): HTMLElement {
    const { mmPerMillivolt } = this.#view.state;
    const act = (change: () => void) => () => {
      change();
      this.#changed();
    };
    return element(
      'div',
      { class: 'bar', role: 'toolbar', 'aria-label': 'View' },
      button(
        '−',
        act(() => this.#view.zoom(1 / 1.5)),
        { title: 'Zoom out (−)', 'aria-label': 'Zoom out' },
      ),
      button(
        '+',
        act(() => this.#view.zoom(1.5)),
        { title: 'Zoom in (+)', 'aria-label': 'Zoom in' },
      ),
      button(
        'Fit',
        act(() => this.#view.fit()),
        { title: 'The whole record (0)' },
      ),
      this.#speed,
      select('Gain', optionsOf(gains, 'mm/mV'), String(mmPerMillivolt), (value) =>
        act(() => this.#view.setGain(Number(value)))(),
      ),
      select(
        'Network',
        [
          { value: '', text: this.#record.runs.length > 0 ? 'none' : 'no trained run yet' },
          ...this.#record.runs.map(({ folder, name }) => ({ value: folder, text: name })),
        ],
        this.#run,
        (folder) => {
          this.#run = folder;
          void this.#askNetwork();
        },
      ),
    );
  }

  async #askNetwork(): Promise<void> {
    this.#messages.replaceChildren();
    this.#plot.windows = undefined;
    this.#legend.replaceChildren();
    const run = this.#run;
    if (run !== '') {
      try {
        const data = await channel.ask('probabilities', { run });
        if (run !== this.#run) return;
        this.#plot.windows = new Windows(data);
        this.#legend.replaceChildren(...this.#legendOf(this.#plot.windows));
      } catch (error) {
        this.#messages.replaceChildren(element('p', { class: 'error' }, (error as Error).message));
      }
    }
    this.#changed();
  }

  #legendOf(windows: Windows): (Node | string)[] {
    const last = windows.winner(windows.count - 1);
    const parts: (Node | string)[] = [
      `${windows.data.network}, integer network as on the device, after each of ${windows.count} windows: `,
    ];
    for (const [c, name] of windows.data.classes.entries()) {
      parts.push(element('span', { class: `swatch series-${c % 6}`, 'aria-hidden': 'true' }), ` ${name}  `);
    }
    parts.push(`· last window: ${windows.data.classes[last]}`);
    return parts;
  }

  #changed(): void {
    this.#plot.redraw();
    saveState<State>({ ...this.#view.state, run: this.#run });
    const { mmPerSecond } = this.#view.state;
    showSelected(this.#speed, String(mmPerSecond), `${mmPerSecond.toFixed(1)} mm/s`);
    this.#readout.textContent = this.#readoutText();
    const { start: from } = this.#view.state;
    this.#plot.canvas.setAttribute(
      'aria-label',
      `ECG of record ${this.#record.name} from ${timeText(from, 1)} to ${timeText(Math.min(this.#view.end, this.#view.duration), 1)}. Arrow keys pan, plus and minus zoom, Shift with arrows moves the cursor.`,
    );
  }

  #readoutText(): string {
    const { cursor, leads, windows } = this.#plot;
    const { mmPerSecond, mmPerMillivolt } = this.#view.state;
    if (cursor === undefined) {
      return `${mmPerSecond.toFixed(mmPerSecond % 1 ? 1 : 0)} mm/s · ${mmPerMillivolt} mm/mV · 1 mm is ${(1000 / mmPerSecond).toFixed(0)} ms, ${(1 / mmPerMillivolt).toFixed(2)} mV`;
    }
    const values = leads.map(({ name, rate, pyramid }) => {
      const value = pyramid.samples[Math.round(cursor * rate)];
      return `${name} ${value === undefined || Number.isNaN(value) ? 'missing' : `${value.toFixed(3)} mV`}`;
    });
    const parts = [timeText(cursor, 3), ...values.slice(0, 12)];
    if (windows) {
      const window = windows.at(cursor);
      const row = windows.of(window);
      parts.push(
        `window ${window + 1}: ${windows.data.classes.map((name, c) => `p(${name}) ${row[c].toFixed(3)}`).join(', ')}`,
      );
    }
    return parts.join(' · ');
  }
}

start().catch((error: unknown) => {
  root().replaceChildren(
    element('p', { class: 'error' }, error instanceof Error ? error.message : String(error)),
  );
});
