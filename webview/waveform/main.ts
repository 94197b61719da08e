import './waveform.css';
import type { WaveformAsked, WaveformOpened } from '../../src/protocol/webview.ts';
import { button, element, root, select, showSelected } from '../shared/dom.ts';
import { connect, savedState, saveState } from '../shared/host.ts';
import { onThemeChange } from '../shared/theme.ts';
import { attachControls } from './controls.ts';
import { timeText } from './paper.ts';
import { AnnotationMarks, annotationText } from './annotation-marks.ts';
import { Plot } from './plot.ts';
import { RecordLoader } from './record-loader.ts';
import { centerOf, type Lead } from './trace.ts';
import { gains, speeds, ViewRange, type ViewState } from './view-range.ts';
import { Windows } from './windows-strip.ts';

interface State extends ViewState {
  /** Run whose network is asked; empty: none. */
  run: string;
}

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
  readonly #loader: RecordLoader;
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
      // A part of a recording is shown with what is around it.
      start: saved.start ?? Math.max(0, (record.excerpt?.start ?? 0) - 2),
      mmPerSecond: saved.mmPerSecond ?? 25,
      mmPerMillivolt: saved.mmPerMillivolt ?? 10,
    };
    this.#view = new ViewRange(initial, record.sampleCount / record.rate);
    this.#plot = new Plot(this.#view);
    this.#loader = new RecordLoader(channel, record, () => this.#arrived());
    this.#plot.leads = record.leads.map((lead, i): Lead => ({
      ...lead,
      rate: record.rate,
      signal: this.#loader.signals[i],
      center: undefined,
    }));
    this.#plot.annotations = new AnnotationMarks(record.annotations);
    this.#plot.excerpt = record.excerpt;
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
    const { annotationsError } = this.#record;
    if (annotationsError) this.#messages.replaceChildren(element('p', { class: 'error' }, annotationsError));
    this.#changed();
    await Promise.all([this.#loader.loadEnvelope(), this.#askNetwork()]);
  }

  /** Samples or a part of the envelope have come. */
  #arrived(): void {
    for (const lead of this.#plot.leads) lead.center ??= centerOf(lead, this.#view);
    this.#plot.redraw();
    this.#readout.textContent = this.#readoutText();
  }

  #head(): HTMLElement[] {
    const { name, label, rate, leads, synthetic, annotations } = this.#record;
    const facts = [
      ...(label === undefined ? [] : [`label ${label}`]),
      `${rate} Hz`,
      `${leads.length} lead${leads.length > 1 ? 's' : ''}`,
      timeText(this.#view.duration, 1),
      ...(annotations.length > 0
        ? [`${annotations.length.toLocaleString('en-US')} annotations: keys n and p`]
        : []),
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
      ...this.#factsButton(),
    );
  }

  /** A rate or unit that was said wrongly can be said again. */
  #factsButton(): HTMLElement[] {
    const { rate, units } = this.#record.facts;
    const said = [...(rate === undefined ? [] : [`${rate} Hz`]), ...(units === undefined ? [] : [units])];
    if (said.length === 0) return [];
    const again = (): void => void channel.ask('sayFactsAgain', null);
    return [
      button(`As you said: ${said.join(', ')} …`, again, { title: 'The file does not say it: say it again' }),
    ];
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
        this.#showError(error);
      }
    }
    this.#changed();
  }

  #showError(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    this.#messages.replaceChildren(element('p', { class: 'error' }, text));
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
    const { rate } = this.#record;
    const { start, mmPerSecond: speed } = this.#view.state;
    void this.#loader
      .want(start * rate, this.#view.end * rate + 1, rate / this.#view.pixelsPerSecond)
      .catch((error: unknown) => this.#showError(error));
    this.#plot.redraw();
    saveState<State>({ ...this.#view.state, run: this.#run });
    showSelected(this.#speed, String(speed), `${speed.toFixed(1)} mm/s`);
    this.#readout.textContent = this.#readoutText();
    this.#plot.canvas.setAttribute(
      'aria-label',
      `ECG of record ${this.#record.name} from ${timeText(start, 1)} to ${timeText(Math.min(this.#view.end, this.#view.duration), 1)}. Arrow keys pan, plus and minus zoom, Shift with arrows moves the cursor, n and p go to annotations.`,
    );
  }

  #readoutText(): string {
    const { cursor, leads, windows } = this.#plot;
    const { mmPerSecond, mmPerMillivolt } = this.#view.state;
    if (cursor === undefined) {
      return `${mmPerSecond.toFixed(mmPerSecond % 1 ? 1 : 0)} mm/s · ${mmPerMillivolt} mm/mV · 1 mm is ${(1000 / mmPerSecond).toFixed(0)} ms, ${(1 / mmPerMillivolt).toFixed(2)} mV`;
    }
    const values = leads.map(({ name, units, unitsPerMillivolt, rate, signal }) => {
      const value = signal.at(Math.round(cursor * rate));
      if (value === undefined) return `${name} …`;
      if (Number.isNaN(value)) return `${name} missing`;
      return `${name} ${(value * unitsPerMillivolt).toFixed(units === 'mV' ? 3 : 1)} ${units}`;
    });
    const annotation = this.#plot.annotations.at(cursor);
    const parts = [
      timeText(cursor, 3),
      ...values.slice(0, 12),
      ...(annotation ? [annotationText(annotation)] : []),
    ];
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

function begin(): void {
  root().replaceChildren(element('p', { class: 'muted' }, 'Opening …'));
  start().catch((error: unknown) => {
    root().replaceChildren(
      element('p', { class: 'error' }, error instanceof Error ? error.message : String(error)),
      button('Try Again', begin),
    );
  });
}

begin();
