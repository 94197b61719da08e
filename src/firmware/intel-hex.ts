import { UserError } from '../common/errors.ts';
import { readFile } from '../common/files.ts';

/** Bytes that belong at an address. */
export interface HexPart {
  address: number;
  bytes: Buffer;
}

/**
 * Contents of an Intel HEX file (Intel, Hexadecimal Object File Format Specification, 1988), adjoining records joined.
 * Throws a UserError where it is cut off or damaged.
 */
export function readIntelHex(file: string): HexPart[] {
  const parts: HexPart[] = [];
  const lines = readFile(file).toString('latin1').split(/\r?\n/);
  let base = 0;
  for (const [index, line] of lines.entries()) {
    if (line === '') continue;
    const record = decodeRecord(line);
    if (!record) {
      throw new UserError('not an Intel HEX record', { file, line: index + 1 }, 'Build the firmware again.');
    }
    const { type, address, data } = record;
    if (type === 1) return parts;
    if (type === 2) base = data.readUInt16BE(0) * 16;
    if (type === 4) base = data.readUInt16BE(0) * 65536;
    if (type === 0) append(parts, base + address, data);
  }
  throw new UserError('the HEX file is cut off', { file }, 'Build the firmware again.');
}

function decodeRecord(line: string): { type: number; address: number; data: Buffer } | undefined {
  if (!/^:([0-9a-f]{2}){5,}$/i.test(line)) return undefined;
  const bytes = Buffer.from(line.slice(1), 'hex');
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  if (bytes.length !== bytes[0] + 5 || sum % 256 !== 0) return undefined;
  return { type: bytes[3], address: bytes.readUInt16BE(1), data: bytes.subarray(4, -1) };
}

function append(parts: HexPart[], address: number, data: Buffer): void {
  const last = parts.at(-1);
  if (last && last.address + last.bytes.length === address) last.bytes = Buffer.concat([last.bytes, data]);
  else parts.push({ address, bytes: data });
}
