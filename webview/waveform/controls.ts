import type { Plot } from './plot.ts';
import type { ViewRange } from './view-range.ts';

const wheelZoom = 1.0015;

/** Pointer, wheel and keys of the plot and the overview. `changed` redraws and keeps the state. */
export function attachControls(plot: Plot, view: ViewRange, changed: () => void): void {
  const { canvas, overview } = plot;
  canvas.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      if (event.ctrlKey || event.metaKey) view.zoom(wheelZoom ** -event.deltaY, event.offsetX);
      else view.panBy((event.deltaX + event.deltaY) / view.pixelsPerSecond);
      changed();
    },
    { passive: false },
  );
  let dragged: number | undefined;
  canvas.addEventListener('pointerdown', (event) => {
    dragged = event.offsetX;
    canvas.setPointerCapture(event.pointerId);
    canvas.classList.add('dragging');
  });
  canvas.addEventListener('pointermove', (event) => {
    if (dragged !== undefined) {
      view.panBy((dragged - event.offsetX) / view.pixelsPerSecond);
      dragged = event.offsetX;
    }
    plot.cursor = Math.min(view.duration, Math.max(0, view.seconds(event.offsetX)));
    changed();
  });
  const release = (): void => {
    dragged = undefined;
    canvas.classList.remove('dragging');
  };
  canvas.addEventListener('pointerup', release);
  canvas.addEventListener('pointercancel', release);
  canvas.addEventListener('pointerleave', () => {
    plot.cursor = undefined;
    changed();
  });
  canvas.addEventListener('dblclick', (event) => {
    view.zoom(2, event.offsetX);
    changed();
  });
  const toOverview = (event: PointerEvent): void => {
    const seconds = (event.offsetX / overview.clientWidth) * view.duration;
    view.panTo(seconds - view.span / 2);
    changed();
  };
  overview.addEventListener('pointerdown', (event) => {
    overview.setPointerCapture(event.pointerId);
    toOverview(event);
  });
  overview.addEventListener('pointermove', (event) => {
    if (event.buttons > 0) toOverview(event);
  });
  canvas.addEventListener('keydown', (event) => {
    if (!press(event, view, plot)) return;
    event.preventDefault();
    changed();
  });
}

/**
 * Arrows pan, Shift+arrows move the cursor, plus and minus zoom, Page keys turn pages, n and p go to the next and the previous
 * annotation that is no normal beat. Gives whether it was ours.
 */
function press(event: KeyboardEvent, view: ViewRange, plot: Plot): boolean {
  const step = view.span / 10;
  const direction = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (direction && event.shiftKey) {
    const from = plot.cursor ?? view.state.start + view.span / 2;
    plot.cursor = Math.min(view.duration, Math.max(0, from + (direction * step) / 10));
    if (plot.cursor < view.state.start || plot.cursor > view.end) view.panTo(plot.cursor - view.span / 2);
    return true;
  }
  switch (event.key) {
    case 'ArrowLeft':
    case 'ArrowRight':
      view.panBy((direction ?? 0) * step);
      return true;
    case 'PageUp':
      view.panBy(-view.span);
      return true;
    case 'PageDown':
      view.panBy(view.span);
      return true;
    case 'Home':
      view.panTo(0);
      return true;
    case 'End':
      view.panTo(view.duration);
      return true;
    case '+':
    case '=':
      view.zoom(1.5);
      return true;
    case '-':
      view.zoom(1 / 1.5);
      return true;
    case '0':
      view.fit();
      return true;
    case 'n':
    case 'p':
      return toAnnotation(event.key === 'n' ? 1 : -1, view, plot);
    default:
      return false;
  }
}

function toAnnotation(direction: 1 | -1, view: ViewRange, plot: Plot): boolean {
  const found = plot.annotations.nextUnusual(plot.cursor ?? view.state.start + view.span / 2, direction);
  if (!found) return false;
  plot.cursor = found.time;
  view.panTo(found.time - view.span / 2);
  return true;
}
