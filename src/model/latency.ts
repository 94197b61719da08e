/**
 * Estimated time of one window on the nRF52832, before anything is built: instructions a MAC as the emulator counts them
 * for the portable kernels on the slim network (2,364,882 instructions for 948,480 MACs), and cycles an instruction as
 * assumed for the Cortex-M4 (1 for an addition or a product, 2 for a load, 1 + 2 for a taken branch, waits for flash).
 */
export const clockHz = 64e6;
export const cyclesPerInstruction = 1.5;
export const instructionsPerMac = 2_364_882 / 948_480;

export interface LatencyEstimate {
  milliseconds: number;
  /** `948,480 MAC × 2.49 instructions × 1.5 cycles at 64 MHz` */
  terms: string;
}

export function estimateLatency(macs: number): LatencyEstimate {
  const cycles = macs * instructionsPerMac * cyclesPerInstruction;
  return {
    milliseconds: (cycles / clockHz) * 1e3,
    terms: `${macs.toLocaleString('en')} MAC × ${instructionsPerMac.toFixed(2)} instructions × ${cyclesPerInstruction} cycles at ${clockHz / 1e6} MHz`,
  };
}
