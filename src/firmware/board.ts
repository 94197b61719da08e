/** What a board is: how the ECG gets to the ADC, and what the firmware talks by. */
export interface Board {
  name: string;
  adc: BoardAdc;
  uart: { tx: number; rx: number; baud: BaudRate };
  /** The board has the inductor of the DC/DC converter. */
  dcdc: boolean;
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
}

export const adcInputs = ['AIN0', 'AIN1', 'AIN2', 'AIN3', 'AIN4', 'AIN5', 'AIN6', 'AIN7'] as const;
export type AdcInput = (typeof adcInputs)[number];
/** In the order of CH[n].CONFIG.GAIN. */
export const adcGains = ['1/6', '1/5', '1/4', '1/3', '1/2', '1', '2', '4'] as const;
export type AdcGain = (typeof adcGains)[number];
/** µs, in the order of CH[n].CONFIG.TACQ. */
export const acquisitionTimes = [3, 5, 10, 15, 20, 40] as const;
export type AcquisitionTime = (typeof acquisitionTimes)[number];
/** UARTE BAUDRATE (nRF52832 Product Specification 1.8, UARTE). */
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

/** Nordic's nRF52 DK (PCA10040). */
export const defaultBoard: Board = {
  name: 'nrf52-dk',
  adc: {
    positive: 'AIN1',
    negative: 'AIN2',
    gain: '1/6',
    reference: 'internal',
    acquisition: 10,
  },
  uart: { tx: 6, rx: 8, baud: 115200 },
  dcdc: false,
  watchdog: 4,
};
