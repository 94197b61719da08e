import { UserError } from './errors.ts';

/** The part of the safetensors format (huggingface/safetensors, "Format") that ECG Studio writes and reads. */
export type TensorData = Float32Array | Int8Array | Int16Array | Int32Array;

export interface Tensor {
  dtype: 'F32' | 'I8' | 'I16' | 'I32';
  shape: readonly number[];
  /** Row-major, as many values as the shape says. */
  data: TensorData;
}

export interface TensorFile {
  tensors: Map<string, Tensor>;
  metadata: Record<string, string>;
}

const constructors = { F32: Float32Array, I8: Int8Array, I16: Int16Array, I32: Int32Array } as const;

/** Tensors in the map's order → file bytes: u64 header length, JSON header padded to 8 bytes, little-endian data. */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Record<string, string> = {},
): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const [name, tensor] of tensors) {
    const end = offset + tensor.data.byteLength;
    header[name] = { dtype: tensor.dtype, shape: tensor.shape, data_offsets: [offset, end] };
    offset = end;
  }
  const json = Buffer.from(JSON.stringify(header));
  const padded = Math.ceil(json.length / 8) * 8;
  const bytes = Buffer.alloc(8 + padded + offset, ' ');
  bytes.writeBigUInt64LE(BigInt(padded), 0);
  json.copy(bytes, 8);
  let at = 8 + padded;
  for (const { data } of tensors.values()) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/** File bytes → tensors (copied). Throws a UserError that names the file where header and data do not fit. */
export function decodeSafetensors(bytes: Uint8Array, file: string): TensorFile {
  const refuse = (why: string): never => {
    throw new UserError(
      `not a whole safetensors file: ${why}`,
      { file },
      'The file is damaged or cut off; make it again.',
    );
  };
  if (bytes.length < 8) return refuse('shorter than its header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = Number(view.getBigUint64(0, true));
  if (headerLength > bytes.length - 8) return refuse('its header ends behind the file');
  let header: Record<
    string,
    { dtype: keyof typeof constructors; shape: number[]; data_offsets: [number, number] }
  >;
  try {
    header = JSON.parse(Buffer.from(bytes.subarray(8, 8 + headerLength)).toString('utf8')) as typeof header;
  } catch {
    return refuse('its header is not JSON');
  }
  const start = 8 + headerLength;
  const tensors = new Map<string, Tensor>();
  let metadata: Record<string, string> = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') {
      metadata = entry as unknown as Record<string, string>;
      continue;
    }
    const Constructor = constructors[entry.dtype];
    if (!Constructor) return refuse(`tensor ${name} has the type ${entry.dtype}, which is not read here`);
    const [from, to] = entry.data_offsets ?? [];
    const count = (entry.shape ?? []).reduce((product, n) => product * n, 1);
    if (
      !(from >= 0 && to >= from && start + to <= bytes.length) ||
      to - from !== count * Constructor.BYTES_PER_ELEMENT
    ) {
      return refuse(`tensor ${name} does not fit its shape`);
    }
    // A copy, so that alignment in the file does not matter.
    const data = new Constructor(new Uint8Array(bytes.subarray(start + from, start + to)).buffer);
    tensors.set(name, { dtype: entry.dtype, shape: entry.shape, data });
  }
  return { tensors, metadata };
}
