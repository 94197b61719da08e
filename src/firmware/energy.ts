import { clockHz, cyclesPerInstruction } from '../model/latency.ts';

/**
 * Estimated energy of one window on the nRF52832. Terms: 3.7 mA at 3 V, running from flash with cache and DC/DC
 * converter at 64 MHz = 11.1 mW = 173 pJ a cycle (nRF52832 product specification); 1.5 cycles an instruction is an
 * assumption (the Cortex-M4 takes 1 cycle for an addition or a product, 2 for a load, 1 + 2 for a taken branch, and
 * waits for weights read from flash).
 */
export interface EnergyEstimate {
  label: 'estimate';
  instructions: number;
  cyclesPerInstruction: number;
  cycles: number;
  picojoulesPerCycle: number;
  microjoules: number;
  clockHz: number;
  milliseconds: number;
}

const picojoulesPerCycle = 173;

export function estimateEnergy(instructions: number): EnergyEstimate {
  const cycles = instructions * cyclesPerInstruction;
  return {
    label: 'estimate',
    instructions,
    cyclesPerInstruction,
    cycles,
    picojoulesPerCycle,
    microjoules: (cycles * picojoulesPerCycle) / 1e6,
    clockHz,
    milliseconds: (cycles / clockHz) * 1e3,
  };
}

/** One line with its terms: `0.658 mJ, 59.4 ms (estimate: …)`. */
export function energyText(instructions: number): string {
  const { microjoules, milliseconds } = estimateEnergy(instructions);
  return (
    `${(microjoules / 1e3).toFixed(3)} mJ, ${milliseconds.toFixed(1)} ms (estimate: ${instructions} instructions x ` +
    `${cyclesPerInstruction} cycles x ${picojoulesPerCycle} pJ at ${clockHz / 1e6} MHz)`
  );
}
