import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, it } from 'node:test';
import { UserError } from '../../../src/common/errors.ts';
import { readMap } from '../../../src/firmware/map-file.ts';
import { temporaryFolder } from '../../fixtures/workspace.ts';

const folder = temporaryFolder();

function written(text: string): string {
  const file = path.join(folder, 'image.map');
  fs.writeFileSync(file, text);
  return file;
}

const map = `Discarded input sections

 .text.unused   0x00000000       0x40 libecg_network.a(ecg_add.c.obj)

Linker script and memory map

.network_flash  0x00000448      0x100
 *libecg_network.a:*(.text .text.* .rodata .rodata.*)
 .text.ecg_gru  0x00000448       0x20 libecg_network.a(ecg_gru.c.obj)
                0x00000448                ecg_gru
 *fill*         0x00000468        0x2 
 .rodata.block10_recurrent
                0x0000046a       0x30 libecg_network.a(weights.c.obj)
 .text          0x0000049a        0x0 CMakeFiles/emulator.dir/emulator/main.c.obj
 .text          0x0000049a       0x14 /usr/lib/my gcc/libg_nano.a(lib_a-memcpy.o)

.debug_info     0x00000000     0x7a33
 .debug_info    0x00000000      0x167 CMakeFiles/emulator.dir/emulator/guards.c.obj
`;

describe('a map file of the linker', () => {
  it('gives what was placed: section, address, bytes and source, also where a long name breaks the line', () => {
    assert.deepEqual(readMap(written(map)), [
      { section: '.text.ecg_gru', address: 0x448, size: 0x20, source: 'ecg_gru.c' },
      { section: '.rodata.block10_recurrent', address: 0x46a, size: 0x30, source: 'weights.c' },
      { section: '.text', address: 0x49a, size: 0x14, source: 'lib_a-memcpy' },
    ]);
  });

  it('is read the same with the line ends of Windows', () => {
    assert.deepEqual(readMap(written(map.replaceAll('\n', '\r\n'))), readMap(written(map)));
  });

  it('that places nothing, or is something else, is refused by name', () => {
    for (const text of ['', 'hello', map.split('Linker script')[0], 'Linker script and memory map\n']) {
      assert.throws(
        () => readMap(written(text)),
        (error) => error instanceof UserError && /image\.map/.test(error.describe()),
      );
    }
  });
});
