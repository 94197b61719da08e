import { acquisitionTimes, adcGains, adcInputs, baudRates, defaultBoard } from './board.ts';

const pin = { type: 'integer', minimum: 0, maximum: 31 };
const address = { type: 'integer', minimum: 0, maximum: 0xffffffff };
const { adc, uart, dcdc, watchdog } = defaultBoard;

/** JSON Schema of board files, `NAME.ecgboard.yaml`. */
export const boardFileSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['version', 'name', 'chip', 'adc', 'front-end'],
  properties: {
    version: { const: 1, description: 'Version of the file format.' },
    name: {
      type: 'string',
      pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$',
      description: 'Name of the board, in reports and in the firmware.',
    },
    description: { type: 'string', description: 'For people.' },
    chip: { enum: ['nrf52832'], description: 'nRF52832: 512 KiB of flash, 64 KiB of RAM, 64 MHz.' },
    adc: {
      type: 'object',
      additionalProperties: false,
      required: ['positive'],
      description: 'How the SAADC reads the ECG.',
      properties: {
        positive: { enum: adcInputs, description: 'Input of the lead.' },
        negative: {
          enum: ['ground', ...adcInputs],
          default: 'ground',
          description: 'Input that is subtracted; with ground the ADC is single-ended.',
        },
        gain: { enum: adcGains, default: adc.gain, description: 'Gain before the ADC.' },
        reference: {
          enum: ['internal', 'vdd/4'],
          default: adc.reference,
          description: 'internal: 0.6 V. vdd/4: a quarter of the supply.',
        },
        supply: {
          type: 'number',
          minimum: 1.7,
          maximum: 3.6,
          default: 3,
          description: 'V of the supply, for vdd/4.',
        },
        acquisition: {
          enum: acquisitionTimes,
          default: adc.acquisition,
          description: 'µs in which the input settles: longer for a source of high resistance.',
        },
        oversampling: {
          type: 'integer',
          minimum: 1,
          maximum: 64,
          default: adc.oversampling,
          description: 'ADC samples for each sample of the model; the firmware filters and decimates.',
        },
      },
    },
    'front-end': {
      type: 'object',
      additionalProperties: false,
      suggested: ['gain'],
      description: 'The amplifier before the ADC: its gain, or what a count of the ADC is at the electrodes.',
      properties: {
        gain: {
          type: 'number',
          exclusiveMinimum: 0,
          maximum: 1e5,
          description: 'Volts at the ADC for a volt at the electrodes.',
        },
        'microvolts-per-count': {
          type: 'number',
          exclusiveMinimum: 0,
          maximum: 1e4,
          description: 'µV at the electrodes for a count of the ADC, as measured.',
        },
      },
    },
    uart: {
      type: 'object',
      additionalProperties: false,
      suggested: ['tx', 'rx'],
      description: 'Where frames of ECG and results go, besides RTT.',
      properties: {
        tx: { ...pin, default: uart.tx, description: 'Pin of what the board sends (P0.n).' },
        rx: { ...pin, default: uart.rx, description: 'Pin of what the board receives (P0.n).' },
        baud: { enum: Object.keys(baudRates).map(Number), default: uart.baud, description: 'Bits a second.' },
      },
    },
    dcdc: {
      type: 'boolean',
      default: dcdc,
      description: 'The board has the inductor of the DC/DC converter.',
    },
    memory: {
      type: 'object',
      additionalProperties: false,
      suggested: ['flash-start', 'ram-start'],
      description: 'Where the application goes, behind a SoftDevice or a bootloader.',
      properties: {
        'flash-start': {
          ...address,
          default: 0,
          description: 'Address of its first byte in flash, at a page of 4096.',
        },
        'ram-start': { ...address, default: 0x20000000, description: 'Address of its first byte in RAM.' },
      },
    },
    watchdog: {
      type: 'number',
      minimum: 1,
      maximum: 3600,
      default: watchdog,
      description: 'Seconds without a round of the main loop after which the chip resets.',
    },
  },
} as const;
