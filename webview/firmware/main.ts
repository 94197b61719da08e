import './firmware.css';
import type { FirmwareHeard, FirmwareSnapshot, FirmwareTold } from '../../src/protocol/webview.ts';
import { hatch } from '../shared/bars.ts';
import { button, element, root } from '../shared/dom.ts';
import { connect, saveState } from '../shared/host.ts';
import { kernelsSection } from './kernels.ts';
import { memorySection } from './memory.ts';
import { sizesSection } from './sizes.ts';
import { verificationSection } from './verification.ts';

const channel = connect<object, FirmwareHeard, FirmwareTold>();
const head = element('div');
const body = element('div');
root().replaceChildren(hatch(), head, body);
/** What the body shows: it is drawn anew only where that is something else, so that what is unfolded stays so. */
let drawn = '';

function update(snapshot: FirmwareSnapshot): void {
  const { run, report, emulated, measured } = snapshot;
  saveState({ run });
  const focused = (document.activeElement as HTMLElement | null)?.dataset.key;
  head.replaceChildren(...headOf(snapshot));
  if (focused) head.querySelector<HTMLElement>(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  const wanted = JSON.stringify([report, emulated, measured]);
  if (wanted === drawn) return;
  drawn = wanted;
  body.replaceChildren(
    ...(report
      ? [
          memorySection(report),
          verificationSection(snapshot),
          sizesSection(report),
          kernelsSection(report.blocks, snapshot),
        ]
      : []),
  );
}

function headOf({ name, report, busy, trusted }: FirmwareSnapshot): HTMLElement[] {
  const about = report
    ? `Board ${report.board} · kernels ${report.kernels} · ${report.configuration}`
    : 'Not built yet.';
  const act = (text: string, event: keyof Omit<FirmwareTold, 'ready'>, there: boolean): HTMLElement =>
    button(text, () => channel.tell(event, null), {
      'data-key': event,
      disabled: busy !== undefined || !trusted || !there,
    });
  return [
    element('h1', {}, name),
    element('p', { class: 'muted', role: 'status' }, busy === undefined ? about : `${about} · ${busy} …`),
    element(
      'div',
      { class: 'bar', role: 'toolbar', 'aria-label': 'Firmware' },
      act(report ? 'Build Again' : 'Build', 'build', true),
      act('Verify in Emulator', 'verify', report !== undefined),
      act('Verify on Board', 'verifyBoard', report !== undefined),
    ),
  ];
}

channel.on('update', update);
channel.tell('ready', null);
