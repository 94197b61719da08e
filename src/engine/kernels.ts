/** Addresses are byte offsets into the engine's memory; 0 stands for null. Lengths and strides count floats. */
export type Address = number;

/** The exported functions of kernels/*.c, in their order of parameters; what each pointer's shape is stands there. */
export interface Kernels {
  convolve(
    y: Address,
    x: Address,
    w: Address,
    bias: Address,
    mask: Address,
    start: number,
    relu: number,
    outputs: number,
    channels: number,
    length: number,
    xLength: number,
    taps: number,
    before: number,
    yRow: number,
    xRow: number,
  ): void;
  pack_forward(to: Address, w: Address, outputs: number, channels: number, taps: number): void;
  pack_backward(to: Address, w: Address, outputs: number, channels: number, taps: number): void;
  weight_gradient(
    gradient: Address,
    dy: Address,
    x: Address,
    windows: number,
    outputs: number,
    channels: number,
    length: number,
    xLength: number,
    taps: number,
    before: number,
    dyWindow: number,
    dyRow: number,
    xWindow: number,
    xRow: number,
  ): void;
  winograd_convolve(
    y: Address,
    x: Address,
    w: Address,
    bias: Address,
    mask: Address,
    scratch: Address,
    start: number,
    relu: number,
    outputs: number,
    channels: number,
    length: number,
    xLength: number,
    taps: number,
    before: number,
    yRow: number,
    xRow: number,
  ): void;
  winograd_gradient(
    gradient: Address,
    dy: Address,
    x: Address,
    scratch: Address,
    windows: number,
    outputs: number,
    channels: number,
    length: number,
    xLength: number,
    taps: number,
    before: number,
    dyWindow: number,
    dyRow: number,
    xWindow: number,
    xRow: number,
  ): void;
  winograd_pack(
    to: Address,
    w: Address,
    rows: number,
    columns: number,
    taps: number,
    row: number,
    column: number,
    tap: number,
  ): void;
  activation_backward(
    dy: Address,
    mask: Address,
    gradient: Address,
    slope: number,
    outputs: number,
    length: number,
    dyRow: number,
  ): void;
  activate(y: Address, mask: Address, slope: number, channels: number, length: number, yRow: number): void;
  add(y: Address, a: Address, b: Address, count: number): void;
  scale_channels(y: Address, x: Address, s: Address, channels: number, length: number, row: number): void;
  scale_channels_backward(
    dx: Address,
    ds: Address,
    dy: Address,
    x: Address,
    s: Address,
    channels: number,
    length: number,
    row: number,
  ): void;
  space_to_depth(
    to: Address,
    x: Address,
    channels: number,
    stride: number,
    before: number,
    xLength: number,
    toLength: number,
    toRow: number,
    xRow: number,
  ): void;
  depth_to_space(
    dx: Address,
    from: Address,
    channels: number,
    stride: number,
    before: number,
    xLength: number,
    fromLength: number,
    fromRow: number,
    xRow: number,
  ): void;
  clear_columns(x: Address, rows: number, columns: number, first: number): void;
  depthwise(
    y: Address,
    x: Address,
    w: Address,
    bias: Address,
    outputs: number,
    multiplier: number,
    length: number,
    xLength: number,
    taps: number,
    before: number,
    stride: number,
    yRow: number,
    xRow: number,
  ): void;
  depthwise_backward(
    dx: Address,
    dy: Address,
    w: Address,
    outputs: number,
    multiplier: number,
    length: number,
    xLength: number,
    taps: number,
    before: number,
    stride: number,
    yRow: number,
    xRow: number,
  ): void;
  depthwise_gradient(
    gradient: Address,
    dy: Address,
    x: Address,
    outputs: number,
    multiplier: number,
    length: number,
    xLength: number,
    taps: number,
    before: number,
    stride: number,
    yRow: number,
    xRow: number,
  ): void;
  measure(
    partial: Address,
    x: Address,
    counts: Address,
    window: number,
    channels: number,
    length: number,
    xRow: number,
  ): void;
  join_measures(
    statistics: Address,
    partial: Address,
    next: number,
    windows: number,
    channels: number,
    epsilon: number,
  ): void;
  update_statistics(
    mean: Address,
    variance: Address,
    statistics: Address,
    channels: number,
    rate: number,
  ): void;
  inverse_deviation(to: Address, variance: Address, channels: number, epsilon: number): void;
  normalise(
    y: Address,
    x: Address,
    mean: Address,
    inverse: Address,
    scale: Address,
    offset: Address,
    channels: number,
    length: number,
    row: number,
  ): void;
  measure_backward(
    partial: Address,
    dy: Address,
    x: Address,
    statistics: Address,
    channels: number,
    length: number,
    row: number,
  ): void;
  join_backward(
    statistics: Address,
    dScale: Address,
    dOffset: Address,
    partial: Address,
    next: number,
    windows: number,
    channels: number,
  ): void;
  normalise_backward(
    dx: Address,
    dy: Address,
    x: Address,
    statistics: Address,
    scale: Address,
    counts: Address,
    window: number,
    channels: number,
    length: number,
    row: number,
    add: number,
  ): void;
  scale_backward(
    dx: Address,
    dy: Address,
    inverse: Address,
    scale: Address,
    channels: number,
    length: number,
    row: number,
    add: number,
  ): void;
  fake_quantise(y: Address, x: Address, count: number, fraction: number, low: number, high: number): void;
  largest_magnitude(x: Address, count: number): number;
  quantise_range(y: Address, x: Address, range: Address, channels: number, length: number, row: number): void;
  quantise_range_backward(
    dx: Address,
    dy: Address,
    x: Address,
    range: Address,
    dRange: Address,
    channels: number,
    length: number,
    row: number,
  ): void;
  dropout(
    y: Address,
    x: Address,
    keys: Address,
    seed: number,
    step: number,
    layer: number,
    window: number,
    kept: number,
    channels: number,
    length: number,
    row: number,
  ): void;
  average_pool(
    y: Address,
    x: Address,
    channels: number,
    length: number,
    size: number,
    yRow: number,
    xRow: number,
  ): void;
  average_pool_backward(
    dx: Address,
    dy: Address,
    channels: number,
    length: number,
    size: number,
    xLength: number,
    dxRow: number,
    dyRow: number,
  ): void;
  max_pool(
    y: Address,
    index: Address,
    x: Address,
    channels: number,
    length: number,
    size: number,
    yRow: number,
    xRow: number,
  ): void;
  max_pool_backward(
    dx: Address,
    dy: Address,
    index: Address,
    channels: number,
    length: number,
    size: number,
    xLength: number,
    dxRow: number,
    dyRow: number,
  ): void;
  gru_gates(gates: Address, product: Address, h: Address, units: number): void;
  gru_state(gates: Address, next: Address, h: Address, counts: Address, window: number, units: number): void;
  gru_backward_candidate(
    dgates: Address,
    carry: Address,
    dy: Address,
    gates: Address,
    h: Address,
    units: number,
  ): void;
  gru_backward_reset(
    dgates: Address,
    carry: Address,
    dproduct: Address,
    gates: Address,
    h: Address,
    units: number,
  ): void;
  lstm_state(
    gates: Address,
    cell: Address,
    cellTanh: Address,
    next: Address,
    previous: Address,
    h: Address,
    counts: Address,
    window: number,
    units: number,
  ): void;
  lstm_backward(
    dgates: Address,
    cellCarry: Address,
    carry: Address,
    dy: Address,
    gates: Address,
    cellTanh: Address,
    previous: Address,
    units: number,
  ): void;
  sum_shards(sum: Address, shards: Address, stride: number, count: number): void;
  squared_norm(x: Address, count: number): number;
  adam(
    w: Address,
    m: Address,
    v: Address,
    gradient: Address,
    count: number,
    rate: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    correction1: number,
    correction2: number,
    scale: number,
    l2: number,
    decay: number,
  ): void;
  clear(x: Address, count: number): void;
  copy(to: Address, from: Address, count: number): void;
  extract_window(
    to: Address,
    /** 0: what the addresses in `signals` count from. */
    memory: Address,
    signals: Address,
    lengths: Address,
    counts: Address,
    window: number,
    hop: number,
    length: number,
  ): void;
  softmax(p: Address, z: Address, classes: number, temperature: number): void;
  gather_last(to: Address, z: Address, counts: Address, classes: number, zWindow: number): void;
  mean_softmax(
    mean: Address,
    p: Address,
    z: Address,
    counts: Address,
    windows: number,
    classes: number,
    pWindow: number,
    zWindow: number,
    temperature: number,
  ): void;
  cross_entropy(loss: Address, p: Address, q: Address, weight: Address, classes: number): void;
  squared_error(
    loss: Address,
    dy: Address,
    y: Address,
    target: Address,
    lossWeight: Address,
    gradientWeight: Address,
    counts: Address,
    channels: number,
    dyWindow: number,
    yWindow: number,
  ): void;
  last_backward(
    dz: Address,
    p: Address,
    q: Address,
    weight: Address,
    counts: Address,
    classes: number,
    dzWindow: number,
  ): void;
  mean_backward(
    dz: Address,
    p: Address,
    mean: Address,
    q: Address,
    weight: Address,
    counts: Address,
    windows: number,
    classes: number,
    dzWindow: number,
    pWindow: number,
  ): void;
  map_function(index: number, y: Address, x: Address, count: number): void;
  fused_probe(e: number): number;
  multiply_add_peak(sums: Address, rounds: number): number;
}

/** What an output of `convolve` starts from. */
export const START_ZERO = 0;
export const START_BIAS = 1;
export const START_OUTPUT = 2;

/** Outputs whose weights the kernels interleave at most; packed weights have room for whole tiles. */
export const LARGEST_TILE = 8;

/** Products of a tile, see winograd.c. */
export const WINOGRAD_POINTS = 8;

/** Bytes of scratch of winograd_convolve and winograd_gradient for layers of at most so many rows. */
export function winogradScratch(rows: number): number {
  const block = 4;
  const gradientRows = 64;
  const gradientBlock = 16;
  const convolve = WINOGRAD_POINTS * (rows + LARGEST_TILE) * block * LINE;
  const gradient = WINOGRAD_POINTS * gradientRows * (2 * (gradientBlock + 1) * LINE + gradientRows * FLOAT);
  return Math.max(convolve, gradient);
}

/** Records in a group: the innermost axis of every activation tensor. */
export const LANES = 16;
/** Partial gradients that are summed in a fixed tree; adam.c knows the number too. */
export const SHARDS = 8;
export const FLOAT = 4;
/** Bytes of one [16] row of floats: a cache line. */
export const LINE = LANES * FLOAT;

/** Floats from one channel's row to the next: an odd number of cache lines, see convolution.c. */
export function rowFloats(length: number): number {
  return (length | 1) * LANES;
}

/** Bytes of a tensor [channels][length][16] with padded rows. */
export function tensorBytes(shape: { channels: number; length: number }): number {
  return shape.channels * rowFloats(shape.length) * FLOAT;
}
