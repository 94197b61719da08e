import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { it } from 'node:test';
import { readIntelHex } from '../../../src/firmware/intel-hex.ts';
import { temporaryFolder } from '../../fixtures/workspace.ts';

const folder = temporaryFolder();

function read(...lines: string[]): ReturnType<typeof readIntelHex> {
  const file = path.join(folder, 'image.hex');
  fs.writeFileSync(file, lines.join('\r\n'));
  return readIntelHex(file);
}

const end = ':00000001FF';

it('joins records, and follows both kinds of extended addresses', () => {
  const parts = read(':0200000001B14C', ':020002000203F7', ':020000041000EA', ':04120800FAFFFFFFEB', end);
  assert.deepEqual(
    parts.map(({ address, bytes }) => [address, bytes.toString('hex')]),
    [
      [0, '01b10203'],
      [0x10001208, 'faffffff'],
    ],
  );
});

it('a damaged or cut file is refused, with the line', () => {
  assert.throws(() => read(':0200000001B14D', end), {
    place: { file: path.join(folder, 'image.hex'), line: 1 },
  });
  assert.throws(() => read(':0200000001B14C'), /cut off/);
  assert.throws(() => read('text'), /not an Intel HEX record/);
  assert.throws(() => read(':030000000102FA', end), /not an Intel HEX record/);
});
