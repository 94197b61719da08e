/** CSS pixels of a millimetre, by CSS's definition of its inch. */
export const pixelsPerMm = 96 / 25.4;

/** Paper speeds and gains of electrocardiographs; zooming goes between and beyond them. */
export const speeds = [12.5, 25, 50, 100] as const;
export const gains = [5, 10, 20, 40] as const;
const fastest = 800;

/** Which part of the record is seen, and how large. */
export interface ViewState {
  /** s at the left edge. */
  start: number;
  mmPerSecond: number;
  mmPerMillivolt: number;
}

/** Time ↔ pixels of one view; immutable but for `state`. */
export class ViewRange {
  state: ViewState;
  /** s. */
  duration: number;
  /** Pixels of the plot. */
  width = 800;

  constructor(state: ViewState, duration: number) {
    this.state = state;
    this.duration = duration;
  }

  get pixelsPerSecond(): number {
    return this.state.mmPerSecond * pixelsPerMm;
  }

  /** s that fit. */
  get span(): number {
    return this.width / this.pixelsPerSecond;
  }

  get end(): number {
    return this.state.start + this.span;
  }

  x(seconds: number): number {
    return (seconds - this.state.start) * this.pixelsPerSecond;
  }

  seconds(x: number): number {
    return this.state.start + x / this.pixelsPerSecond;
  }

  panTo(start: number): void {
    const latest = Math.max(0, this.duration - this.span);
    this.state = { ...this.state, start: Math.min(latest, Math.max(0, start)) };
  }

  panBy(seconds: number): void {
    this.panTo(this.state.start + seconds);
  }

  /** `factor` > 1 looks closer; what is at pixel `at` stays there. */
  zoom(factor: number, at = this.width / 2): void {
    const fixed = this.seconds(at);
    this.setSpeed(this.state.mmPerSecond * factor);
    this.panTo(fixed - at / this.pixelsPerSecond);
  }

  /** Never slower than the whole record on one screen. */
  setSpeed(mmPerSecond: number): void {
    const slowest = Math.min(speeds[0], this.width / pixelsPerMm / Math.max(this.duration, 0.1));
    this.state = { ...this.state, mmPerSecond: Math.min(fastest, Math.max(slowest, mmPerSecond)) };
    this.panTo(this.state.start);
  }

  setGain(mmPerMillivolt: number): void {
    this.state = { ...this.state, mmPerMillivolt };
  }

  fit(): void {
    this.setSpeed(this.width / pixelsPerMm / Math.max(this.duration, 0.1));
    this.panTo(0);
  }
}
