/** How numbers are stored in arrays of MATLAB and NumPy. */
export type ElementType =
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'float16'
  | 'float32'
  | 'float64';

interface Element {
  bytes: number;
  get: (view: DataView, at: number, littleEndian: boolean) => number;
}

/** 64-bit integers beyond 2^53 are rounded to what float64 has. */
export const elements: Readonly<Record<ElementType, Element>> = {
  int8: { bytes: 1, get: (view, at) => view.getInt8(at) },
  uint8: { bytes: 1, get: (view, at) => view.getUint8(at) },
  int16: { bytes: 2, get: (view, at, little) => view.getInt16(at, little) },
  uint16: { bytes: 2, get: (view, at, little) => view.getUint16(at, little) },
  int32: { bytes: 4, get: (view, at, little) => view.getInt32(at, little) },
  uint32: { bytes: 4, get: (view, at, little) => view.getUint32(at, little) },
  int64: { bytes: 8, get: (view, at, little) => Number(view.getBigInt64(at, little)) },
  uint64: { bytes: 8, get: (view, at, little) => Number(view.getBigUint64(at, little)) },
  float16: { bytes: 2, get: (view, at, little) => halfFloat(view.getUint16(at, little)) },
  float32: { bytes: 4, get: (view, at, little) => view.getFloat32(at, little) },
  float64: { bytes: 8, get: (view, at, little) => view.getFloat64(at, little) },
};

/** Whether all its values are 32-bit integers. */
export function isInt32(type: ElementType): boolean {
  return ['int8', 'uint8', 'int16', 'uint16', 'int32'].includes(type);
}

/** IEEE 754 binary16: sign, 5 bits of exponent, 10 bits of fraction. */
function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 0x3ff;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}
