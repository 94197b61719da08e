import { defaultBoard } from './board.ts';

/** A board file to start from: all settings there are, with what they mean and, in comments, those that few need. */
export function boardTemplate(name: string): string {
  const { adc, uart, dcdc, watchdog } = defaultBoard;
  return `# A board: how the ECG gets to the chip, and where the firmware goes.
version: 1
name: ${name}
chip: nrf52832

# The converter. AIN0 to AIN3 are the pins P0.02 to P0.05, AIN4 to AIN7 are P0.28 to P0.31.
adc:
  positive: ${adc.positive} # the lead
  negative: ${adc.negative} # subtracted from it; ground: single-ended
  gain: ${adc.gain}
  reference: ${adc.reference} # 0.6 V; or vdd/4
  # supply: 3 # V, for vdd/4
  acquisition: ${adc.acquisition} # µs; longer for a source of high resistance
  oversampling: ${adc.oversampling} # ADC samples for each of the model's; the firmware filters and decimates

# The amplifier before the converter: volts at the chip for a volt at the electrodes.
front-end:
  gain: 400
  # Or, instead, what a count of the converter is at the electrodes, as you measured it:
  # microvolts-per-count: 1

# Frames of ECG and results, besides RTT. Pins are P0.n.
uart:
  tx: ${uart.tx}
  rx: ${uart.rx}
  baud: ${uart.baud}

dcdc: ${dcdc} # the board has the inductor of the DC/DC converter
watchdog: ${watchdog} # s

# Behind a SoftDevice or a bootloader: the first addresses that it leaves free.
# memory:
#   flash-start: 0x26000
#   ram-start: 0x20002000
`;
}
