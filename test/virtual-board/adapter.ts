import type { ProbeSelection } from '../../src/firmware/probes.ts';

/** The commands by which OpenOCD reaches a virtual ST-Link. */
export function virtualProbe(port: number): ProbeSelection {
  return {
    kind: 'custom',
    commands: [
      'adapter driver st-link',
      'st-link vid_pid 0x0483 0x3748',
      `st-link backend tcp ${port}`,
      'transport select dapdirect_swd',
    ],
  };
}
