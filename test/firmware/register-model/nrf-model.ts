/** Registers that the model knows, by the names of `application/nrf.h`. */
const tasks = {
  hfclkStart: 0x40000000,
  startRx: 0x40002000,
  startTx: 0x40002008,
  saadcStart: 0x40007000,
  saadcSample: 0x40007004,
  calibrate: 0x4000700c,
  timerStart: 0x40009000,
  wdtStart: 0x40010000,
} as const;

export const registers = {
  ...tasks,
  hfclkStarted: 0x40000100,
  resetReason: 0x40000400,
  endRx: 0x40002110,
  endTx: 0x40002120,
  uarteError: 0x40002124,
  rxStarted: 0x4000214c,
  uarteShorts: 0x40002200,
  uarteInterrupts: 0x40002304,
  errorSource: 0x40002480,
  uarteEnable: 0x40002500,
  rxPointer: 0x40002534,
  rxCount: 0x40002538,
  txPointer: 0x40002544,
  txCount: 0x40002548,
  saadcStarted: 0x40007100,
  saadcEnd: 0x40007104,
  calibrateDone: 0x40007110,
  saadcInterrupts: 0x40007300,
  saadcEnable: 0x40007500,
  adcConfig: 0x40007518,
  resolution: 0x400075f0,
  resultPointer: 0x4000762c,
  resultCount: 0x40007630,
  compare0: 0x40009140,
  timerShorts: 0x40009200,
  timerCompare: 0x40009540,
  wdtRunning: 0x40010400,
  wdtReload: 0x40010504,
  wdtEnable: 0x40010508,
  wdtConfig: 0x4001050c,
  wdtFeed: 0x40010600,
  ppiEnable: 0x4001f504,
  interruptEnable: 0xe000e100,
} as const;
export type RegisterName = keyof typeof registers;

const names = new Map<number, RegisterName>(
  Object.entries(registers).map(([name, address]) => [address, name as RegisterName]),
);

/** DWT CYCCNT. */
const cycleCounter = 0xe0001004;
export const cyclesALook = 1000;

const uarteIrq = 2;
const saadcIrq = 7;

/** What the model calls in the firmware, and where its EasyDMA reads and writes. */
export interface Core {
  memory: () => DataView;
  saadcInterrupt: () => void;
  uarteInterrupt: () => void;
}

/**
 * SAADC with EasyDMA, TIMER1, PPI, UARTE, WDT and the clock at the level of their registers, as the nRF52832 Product
 * Specification 1.8 has them. Time passes only when a test says so. What real silicon would not do is an error: a DMA that was
 * not set up, a sample behind the end of a block.
 */
export class NrfModel {
  core!: Core;
  /** ADC counts of sample number n. */
  input: (sample: number) => number = () => 0;
  /** All bytes that the UARTE has sent. */
  readonly sent: number[] = [];
  /** Every write, in order. */
  readonly writes: { name: string; value: number }[] = [];
  /** Addresses that the SAADC was started with, in order. */
  readonly blocks: number[] = [];
  samples = 0;
  feeds = 0;
  #cycles = 0;
  readonly #values = new Map<number, number>();
  #saadc: { pointer: number; count: number; done: number } | undefined;
  #sending: { pointer: number; count: number } | undefined;
  #receiving: number | undefined;
  #timerRuns = false;

  read(address: number): number {
    // The core is another machine's: its cycles go on by so many from one look to the next.
    if (address >>> 0 === cycleCounter) return (this.#cycles += cyclesALook);
    return this.#values.get(address >>> 0) ?? 0;
  }

  value(name: RegisterName): number {
    return this.read(registers[name]);
  }

  set(name: RegisterName, value: number): void {
    this.#values.set(registers[name], value);
  }

  write(address: number, value: number): void {
    const at = address >>> 0;
    const name = names.get(at);
    this.writes.push({ name: name ?? `0x${at.toString(16)}`, value: value >>> 0 });
    if (name !== undefined && name in tasks) {
      if (value === 1) this.#task(at);
      return;
    }
    if (name === 'wdtFeed' && value >>> 0 === 0x6e524635) this.feeds++;
    if (name === 'errorSource') this.#values.set(at, this.read(at) & ~value);
    // SET registers: ones are added.
    else if (
      name === 'uarteInterrupts' ||
      name === 'saadcInterrupts' ||
      name === 'ppiEnable' ||
      name === 'interruptEnable'
    ) {
      this.#values.set(at, this.read(at) | value);
    } else this.#values.set(at, value >>> 0);
  }

  /** The timer's compare event comes so many times. After each, pending interrupts are served, unless they are held back. */
  tick(count: number, { hold = false } = {}): void {
    for (let i = 0; i < count; i++) {
      if (!this.#timerRuns) throw new Error('the timer does not run');
      this.#event('compare0');
      if (!hold) this.serve();
    }
  }

  /** What the UARTE was given goes out. */
  transmit(): void {
    while (this.#sending) {
      const { pointer, count } = this.#sending;
      this.#sending = undefined;
      for (let i = 0; i < count; i++) this.sent.push(this.core.memory().getUint8(pointer + i));
      this.#event('endTx');
      this.serve();
    }
  }

  /** A byte comes in. */
  receive(byte: number): void {
    if (this.#receiving === undefined) throw new Error('no reception was started');
    this.core.memory().setUint8(this.#receiving, byte);
    this.#receiving = undefined;
    this.#event('endRx');
    this.serve();
  }

  /** A byte with a framing error. */
  disturb(): void {
    this.set('errorSource', 4);
    this.#event('uarteError');
    this.serve();
  }

  /** Call the interrupt handlers whose events are set, enabled in the peripheral and in the NVIC. */
  serve(): void {
    for (let round = 0; this.#pending(uarteIrq) || this.#pending(saadcIrq); round++) {
      if (round > 10) throw new Error('an interrupt is not cleared by its handler');
      if (this.#pending(uarteIrq)) this.core.uarteInterrupt();
      if (this.#pending(saadcIrq)) this.core.saadcInterrupt();
    }
  }

  #pending(irq: number): boolean {
    if (((this.value('interruptEnable') >>> irq) & 1) === 0) return false;
    const [enabled, events] =
      irq === saadcIrq
        ? [
            this.value('saadcInterrupts'),
            [
              ['saadcStarted', 0],
              ['saadcEnd', 1],
            ] as const,
          ]
        : [
            this.value('uarteInterrupts'),
            [
              ['endRx', 4],
              ['endTx', 8],
              ['uarteError', 9],
              ['rxStarted', 19],
            ] as const,
          ];
    return events.some(([name, bit]) => this.value(name) !== 0 && ((enabled >>> bit) & 1) === 1);
  }

  #event(name: RegisterName): void {
    this.set(name, 1);
    if (name === 'endRx' && (this.value('uarteShorts') & (1 << 5)) !== 0) this.#task(tasks.startRx);
    for (let channel = 0; channel < 20; channel++) {
      if (((this.value('ppiEnable') >>> channel) & 1) === 0) continue;
      if (this.read(0x4001f510 + 8 * channel) !== registers[name]) continue;
      this.#task(this.read(0x4001f514 + 8 * channel));
    }
  }

  #task(address: number): void {
    switch (address) {
      case tasks.hfclkStart:
        return this.#event('hfclkStarted');
      case tasks.calibrate:
        if (this.#saadc) throw new Error('calibration while the SAADC is started (anomaly 237)');
        return this.#event('calibrateDone');
      case tasks.timerStart:
        this.#timerRuns = true;
        return;
      case tasks.wdtStart:
        this.set('wdtRunning', 1);
        return;
      case tasks.saadcStart:
        return this.#startConversion();
      case tasks.saadcSample:
        return this.#sample();
      case tasks.startTx:
        return this.#startSending();
      case tasks.startRx:
        this.#receiving = this.#dma('rxPointer', 'rxCount', 1);
        return this.#event('rxStarted');
      default:
        throw new Error(`no task at 0x${address.toString(16)}`);
    }
  }

  #startConversion(): void {
    if (this.value('saadcEnable') !== 1) throw new Error('the SAADC is not enabled');
    const count = this.value('resultCount');
    const pointer = this.#dma('resultPointer', 'resultCount', 2);
    this.blocks.push(pointer);
    this.#saadc = { pointer, count, done: 0 };
    this.#event('saadcStarted');
  }

  #sample(): void {
    const saadc = this.#saadc;
    if (!saadc) throw new Error('a sample was triggered, and the SAADC was not started');
    const { pointer, count } = saadc;
    this.core.memory().setInt16(pointer + 2 * saadc.done, this.input(this.samples++), true);
    saadc.done++;
    if (saadc.done < count) return;
    this.#saadc = undefined;
    this.#event('saadcEnd');
  }

  #startSending(): void {
    if (this.value('uarteEnable') !== 8) throw new Error('the UARTE is not enabled');
    if (this.#sending) throw new Error('a transmission was started before the last one had ended');
    const count = this.value('txCount');
    if (count === 0 || count > 255) throw new Error(`TXD.MAXCNT of ${count}: it has 8 bits`);
    this.#sending = { pointer: this.#dma('txPointer', 'txCount', 1), count };
  }

  /** A place in RAM for so many items. */
  #dma(pointer: RegisterName, count: RegisterName, size: number): number {
    const at = this.value(pointer);
    const bytes = this.value(count) * size;
    const { byteLength } = this.core.memory();
    if (at === 0 || at % size !== 0 || bytes === 0 || at + bytes > byteLength) {
      throw new Error(`EasyDMA to ${at}, ${bytes} bytes`);
    }
    return at;
  }
}
