import type { Network } from '../model/network.ts';
import { windowCount } from '../signal/windows.ts';
import { adcSamples } from './adc.ts';
import { designFrontEnd, type FrontEndCoefficients } from './front-end-design.ts';
import { FrontEnd } from './front-end.ts';

/** The ADC of a board. */
export interface AdcSetup {
  /** ADC samples for each of the model's. */
  oversampling: number;
  countsPerMillivolt: number;
}

/**
 * The ADC that is assumed where no board is named: four samples for each of the model's (488 Hz for 122 Hz), and 1 µV a count, as
 * the recordings of CinC 2017 have it.
 */
const usualAdc: AdcSetup = { oversampling: 4, countsPerMillivolt: 1000 };

/**
 * Tables of a network's front end. Throws a UserError where the model's filter cannot be deployed.
 *
 * @param scale millivolts that the network was trained to call 1
 */
export function deviceFrontEnd(
  { input, quantization }: Network,
  scale: number,
  { oversampling, countsPerMillivolt }: AdcSetup = usualAdc,
): FrontEndCoefficients {
  const { activations: format } = quantization;
  return designFrontEnd({ input, decimation: oversampling, countsPerMillivolt, scale, format });
}

/**
 * A recording as the network on the device sees it: ADC, then the firmware's own fixed-point front end (decimation,
 * causal band-pass, scale), then windows.
 */
export class DeviceInput {
  readonly #network: Network;
  readonly #frontEnd: FrontEnd;

  private constructor(network: Network, frontEnd: FrontEnd) {
    this.#network = network;
    this.#frontEnd = frontEnd;
  }

  /** See `deviceFrontEnd`. */
  static async create(network: Network, scale: number, adc?: AdcSetup): Promise<DeviceInput> {
    return new DeviceInput(network, await FrontEnd.create(deviceFrontEnd(network, scale, adc)));
  }

  /** One lead, in mV at `rate` Hz, as the ADC gives it. */
  adc(millivolts: Float32Array, rate: number): Int16Array {
    return adcSamples(millivolts, rate, this.#frontEnd.coefficients);
  }

  /** Quantised windows of one lead, in mV at `rate` Hz. A record shorter than a window is zero-padded to one. */
  windows(millivolts: Float32Array, rate: number): Int8Array[] {
    this.#frontEnd.reset();
    const samples = this.#frontEnd.push(this.adc(millivolts, rate));
    const { window, hop } = this.#network.input;
    return Array.from({ length: windowCount(samples.length, this.#network.input) }, (_, w) => {
      const quantized = new Int8Array(window);
      quantized.set(samples.subarray(w * hop, w * hop + window));
      return quantized;
    });
  }
}
