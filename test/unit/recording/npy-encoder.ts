export interface NpyOptions {
  descr?: string;
  fortran?: string;
  shape?: string;
  version?: number;
}

/** An encoder of NumPy files for tests, of its own (NEP 1). `header` replaces the whole dictionary. */
export function npy(data: Buffer, options: NpyOptions = {}, header?: string): Buffer {
  const { descr = "'<i2'", fortran = 'False', shape = '(5,)', version = 1 } = options;
  const text = header ?? `{'descr': ${descr}, 'fortran_order': ${fortran}, 'shape': ${shape}, }`;
  const head = Buffer.from(`${text.padEnd(117)}\n`);
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  length.writeUIntLE(head.length, 0, length.length);
  return Buffer.concat([Buffer.from('\x93NUMPY', 'latin1'), Buffer.of(version, 0), length, head, data]);
}
