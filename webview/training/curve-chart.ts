import {
  CategoryScale,
  Chart,
  Filler,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
  type ChartDataset,
} from 'chart.js';
import { element } from '../shared/dom.ts';
import { currentTheme } from '../shared/theme.ts';

Chart.register(
  CategoryScale,
  Filler,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
);

export interface Curve {
  label: string;
  values: readonly number[];
  /** Told apart from the others without colour. */
  dashed?: boolean;
  points?: boolean;
}

/** Curves over epochs, in the theme's colours. */
export class CurveChart {
  readonly element: HTMLElement;
  readonly #canvas: HTMLCanvasElement;
  readonly #chart: Chart<'line', { x: number; y: number }[]>;

  constructor(title: string, label: string) {
    this.#canvas = element('canvas', { role: 'img', 'aria-label': label });
    this.element = element('figure', {}, element('figcaption', {}, title), element('div', {}, this.#canvas));
    this.#chart = new Chart(this.#canvas, {
      type: 'line',
      data: { datasets: [] },
      options: {
        animation: false,
        responsive: true,
        maintainAspectRatio: false,
        interaction: { mode: 'index', intersect: false },
        scales: {
          x: { type: 'linear', min: 1, title: { display: true, text: 'epoch' }, ticks: { precision: 0 } },
          y: { type: 'linear' },
        },
      },
    });
  }

  /** @param all epochs of the whole training: the axis shows how far it is */
  draw(epochs: readonly number[], all: number, best: number | undefined, curves: readonly Curve[]): void {
    const theme = currentTheme();
    this.#chart.data.datasets = curves.map((curve, i): ChartDataset<'line', { x: number; y: number }[]> => ({
      label: curve.label,
      data: epochs.map((x, k) => ({ x, y: curve.values[k] })),
      borderColor: theme.series[i],
      backgroundColor: theme.series[i],
      borderWidth: 1.5,
      borderDash: curve.dashed ? [6, 4] : [],
      pointStyle: curve.points ? 'rectRot' : 'circle',
      // The best epoch is marked on every curve; with a single epoch there is no line yet.
      pointRadius: epochs.map((x) => (x === best || epochs.length === 1 ? 4 : curve.points ? 2 : 0)),
      tension: 0,
    }));
    const { x, y } = this.#chart.options.scales ?? {};
    for (const axis of [x, y]) {
      if (!axis) continue;
      axis.grid = { color: `color-mix(in srgb, ${theme.foreground} 18%, transparent)` };
      axis.ticks = { ...axis.ticks, color: theme.foreground };
    }
    if (x) {
      x.max = Math.max(2, all);
      Object.assign(x, { title: { display: true, text: 'epoch', color: theme.muted } });
    }
    this.#chart.options.plugins = {
      legend: { labels: { color: theme.foreground, usePointStyle: false, boxHeight: 0, boxWidth: 28 } },
    };
    this.#chart.update('none');
    const last = curves.map((c) => `${c.label} ${c.values.at(-1)?.toFixed(3) ?? 'none yet'}`).join(', ');
    this.#canvas.setAttribute('aria-label', `Curves after ${epochs.length} of ${all} epochs: ${last}`);
  }
}
