import { countText } from '../../src/common/count-text.ts';
import type { KeptVerification } from '../../src/jobs/kept-verification.ts';
import type { FirmwareSnapshot } from '../../src/protocol/webview.ts';
import { element } from '../shared/dom.ts';

/** Whether devices compute what the host computes, and how long a window takes them. */
export function verificationSection({
  report,
  emulated,
  measured,
}: Pick<FirmwareSnapshot, 'report' | 'emulated' | 'measured'>): HTMLElement {
  const latency = report?.latencyMs;
  return element(
    'section',
    {},
    element('h2', {}, 'On the device'),
    ...(emulated
      ? comparison(emulated, latency)
      : [
          element(
            'p',
            { class: 'muted' },
            'This build has not been compared with the host in the emulator yet.',
          ),
        ]),
    ...(measured ? comparison(measured, latency) : []),
  );
}

function comparison(kept: KeptVerification, latency: number | undefined): HTMLElement[] {
  const { device, difference, valuesCompared, windows, records, unit, perWindow, milliseconds } = kept;
  const said =
    difference === undefined
      ? element(
          'p',
          {},
          `${capital(device)} computes what the host computes: ${countText(valuesCompared)} values in ${countText(windows)} windows of ${countText(records)} records were compared, 0 differ.`,
        )
      : element('p', { class: 'error' }, `${capital(difference)}. The firmware must not be used.`);
  const cost = `A window takes at most ${countText(perWindow.max)} ${unit} (${unit === 'cycles' ? 'measured' : 'emulated'}), ${milliseconds.toFixed(1)} ms (${unit === 'cycles' ? 'measured' : 'estimated'})`;
  const slow = latency !== undefined && milliseconds > latency;
  const budget = latency === undefined ? '.' : `; the budget is ${latency} ms.`;
  return [said, element('p', slow ? { class: 'warning' } : {}, cost + budget)];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
