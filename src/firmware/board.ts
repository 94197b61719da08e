/** What a board is: how the ECG gets to the ADC, what the firmware talks by, and where it goes. */
export interface Board {
  name: string;
  adc: BoardAdc;
  uart: { tx: number; rx: number; baud: BaudRate };
  /** The board has the inductor of the DC/DC converter. */
  dcdc: boolean;
  /** Addresses of the application's first byte: above the chip's own behind a SoftDevice or a bootloader. */
  flashStart: number;
  ramStart: number;
  /** s. */
  watchdog: number;
}

export interface BoardAdc {
  positive: AdcInput;
  /** undefined: single-ended. */
  negative: AdcInput | undefined;
  gain: AdcGain;
  reference: 'internal' | 'vdd/4';
  /** µs. */
  acquisition: AcquisitionTime;
  /** ADC samples for each of the model's. */
  oversampling: number;
  /** Of the ECG at the electrodes. */
  countsPerMillivolt: number;
}

export const adcInputs = ['AIN0', 'AIN1', 'AIN2', 'AIN3', 'AIN4', 'AIN5', 'AIN6', 'AIN7'] as const;
export type AdcInput = (typeof adcInputs)[number];
/** In the order of CH[n].CONFIG.GAIN (nRF52832 Product Specification 1.8, SAADC). */
export const adcGains = ['1/6', '1/5', '1/4', '1/3', '1/2', '1', '2', '4'] as const;
export type AdcGain = (typeof adcGains)[number];
/** µs, in the order of CH[n].CONFIG.TACQ. */
export const acquisitionTimes = [3, 5, 10, 15, 20, 40] as const;
export type AcquisitionTime = (typeof acquisitionTimes)[number];
/** UARTE.BAUDRATE. */
export const baudRates = {
  9600: 0x00275000,
  38400: 0x009d0000,
  57600: 0x00eb0000,
  115200: 0x01d60000,
  230400: 0x03b00000,
  460800: 0x07400000,
  1000000: 0x10000000,
} as const;
export type BaudRate = keyof typeof baudRates;

/** First address and bytes of the nRF52832's memories. */
export const flashMemory = { start: 0, bytes: 512 * 1024, page: 4096 } as const;
export const ramMemory = { start: 0x20000000, bytes: 64 * 1024 } as const;

/** Without a board file: Nordic's nRF52 DK (PCA10040), and 1 µV a count, as the recordings of CinC 2017 have it. */
export const defaultBoard: Board = {
  name: 'nrf52-dk',
  adc: {
    positive: 'AIN1',
    negative: 'AIN2',
    gain: '1/6',
    reference: 'internal',
    acquisition: 10,
    oversampling: 4,
    countsPerMillivolt: 1000,
  },
  uart: { tx: 6, rx: 8, baud: 115200 },
  dcdc: false,
  flashStart: flashMemory.start,
  ramStart: ramMemory.start,
  watchdog: 4,
};

const internalReference = 0.6;
const resolutionBits = 14;

/** What of the ADC says how many volts a count is. */
export type AdcScale = Pick<BoardAdc, 'gain' | 'reference' | 'negative'> & {
  /** V; counts with the reference `vdd/4` alone. */
  supply: number;
};

/** ADC counts for a volt at its input: 14 bits, one of them the sign of a differential input. */
export function countsPerVolt({ gain, reference, supply, negative }: AdcScale): number {
  const [numerator, denominator = '1'] = gain.split('/');
  const fullScale =
    (reference === 'internal' ? internalReference : supply / 4) / (Number(numerator) / Number(denominator));
  return 2 ** (negative === undefined ? resolutionBits : resolutionBits - 1) / fullScale;
}

/** mV at the electrodes from the middle of the ADC's range to its end: 2^13 counts, with a sign or half of 2^14. */
export function largestMillivolts({ adc }: Board): number {
  return 2 ** (resolutionBits - 1) / adc.countsPerMillivolt;
}
