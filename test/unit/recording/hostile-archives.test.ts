import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, it } from 'node:test';
import * as zlib from 'node:zlib';
import { UserError } from '../../../src/common/errors.ts';
import { silentContext } from '../../../src/common/job.ts';
import { ptbXl } from '../../../src/dataset/recipes/ptb-xl.ts';
import { table } from '../../../src/dataset/recipes/table.ts';
import { defaultSource } from '../../../src/dataset/spec.ts';
import { openArchive, readWhole } from '../../../src/recording/file-source.ts';
import { openRecordingIn } from '../../../src/recording/open-recording.ts';
import { temporaryFolder, writeFiles } from '../../fixtures/workspace.ts';
import { makeZip, makeZipOf, type ZipEntry, type ZipOptions } from '../../fixtures/zip.ts';

const folder = temporaryFolder();
const record = { 'R.hea': 'R 1 250 2\nR.dat 16 200/mV 16 0 0 0 0 I\n', 'R.dat': '\x01\0\x02\0' };
let made = 0;

function zipFile(bytes: Uint8Array): string {
  const file = path.join(folder, `${++made}.zip`);
  fs.writeFileSync(file, bytes);
  return file;
}

async function refusal(act: () => Promise<unknown> | void): Promise<UserError> {
  try {
    await act();
  } catch (error) {
    assert.ok(error instanceof UserError, (error as Error).stack);
    return error;
  }
  assert.fail('a refusal was expected');
}

/** Open a zip or folder and read these files of it, or all. */
async function readAll(location: string, names?: readonly string[]): Promise<void> {
  const archive = await openArchive(location);
  try {
    for (const name of names ?? archive.names()) readWhole(archive, name);
  } finally {
    archive.close();
  }
}

/** Read the first and last sample of a record of a zip or folder. */
async function readRecord(location: string, name = 'R.hea'): Promise<number[]> {
  const archive = await openArchive(location);
  try {
    const recording = openRecordingIn(archive, name);
    try {
      return [...recording.read(0, 0, recording.frames)];
    } finally {
      recording.close();
    }
  } finally {
    archive.close();
  }
}

const good: ZipEntry = { name: 'good.csv', content: 'a\n1\n' };
const utf8 = 0x800;
const long = 'a'.repeat(1000);

describe('a zip', () => {
  it('whose entries lie in no way is read, deflated and stored, with modes and as zip64', async () => {
    for (const stored of [false, true]) {
      const entries = Object.entries(record).map(([name, content]) => ({
        name,
        content,
        stored,
        mode: 0o100644,
      }));
      for (const options of [{}, { zip64Entries: 2 }]) {
        assert.deepEqual(await readRecord(zipFile(makeZipOf(entries, options))), [0.005, 0.01]);
      }
    }
  });

  const names: [string, RegExp][] = [
    ['../x', /`\.\.\/x` leads out/],
    ['a/../../x', /`a\/\.\.\/\.\.\/x` leads out/],
    ['a/..', /`a\/\.\.` leads out/],
    ['../', /`\.\.\/` leads out/],
    ['./x', /`\.\/x` leads out/],
    ['a//x', /`a\/\/x` leads out/],
    ['/etc/x', /`\/etc\/x` is an absolute path/],
    ['//host/x', /`\/\/host\/x` is an absolute path/],
    ['C:\\x', /`C:\\x` has a backslash/],
    ['c:x', /`c:x` is an absolute path/],
    ['..\\x', /`\.\.\\x` has a backslash/],
    ['a\0.csv', /`a\0\.csv` has control characters/],
    ['a\n.csv', /`a\n\.csv` has control characters/],
    ['', /`` is empty/],
    ['x'.repeat(1025), /is too long/],
  ];
  for (const [name, message] of names) {
    it(`with an entry named ${JSON.stringify(name.slice(0, 20))} is refused, though the first one is good`, async () => {
      const file = zipFile(makeZipOf([good, { name, content: 'x', central: { flags: utf8 } }]));
      const error = await refusal(() => readAll(file, ['good.csv']));
      assert.equal(error.place.file, file);
      assert.match(error.message, message);
    });
  }

  it('with a name in the Unicode extra field or in UTF-8 that leads out is refused', async () => {
    const name = Buffer.from('../é');
    const file = zipFile(
      makeZipOf([{ name, content: 'x', central: { flags: utf8 }, local: { flags: utf8 } }]),
    );
    assert.match((await refusal(() => readAll(file))).message, /`\.\.\/é` leads out/);
  });

  it('with two entries of one name is refused', async () => {
    const file = zipFile(makeZipOf([good, { ...good, content: 'other' }]));
    assert.match((await refusal(() => readAll(file))).message, /`good\.csv` is there twice/);
  });

  const entries: [string, Partial<ZipEntry>, RegExp][] = [
    ['a symbolic link', { mode: 0o120777, content: '/etc/passwd' }, /symbolic link/],
    ['a link to inside', { mode: 0o120777, content: 'good.csv' }, /symbolic link/],
    ['encrypted', { central: { flags: 1 }, local: { flags: 1 } }, /encrypted/],
    ['said to be encrypted in one place', { local: { flags: 1 } }, /another encryption/],
    [
      'of an unknown compression',
      { central: { method: 14 }, local: { method: 14 } },
      /compression method 14/,
    ],
    ['of two compressions', { local: { method: 0 } }, /another compression method/],
    ['of another name in its own header', { local: { name: 'b.csv' } }, /another name/],
    ['of a shorter name in its own header', { local: { name: 'x' } }, /another name/],
    ['of another size in its own header', { local: { size: 7 } }, /another size/],
    ['of a wrong CRC', { central: { crc: 1 } }, /CRC does not match/],
    ['stored with a wrong CRC', { stored: true, central: { crc: 1 } }, /CRC does not match/],
    [
      'smaller than it says',
      { central: { size: 1005 }, local: { size: 1005 } },
      /1000 bytes, 1005 are announced/,
    ],
    ['larger than it says', { central: { size: 5 }, local: { size: 5 } }, /more than the 5 bytes/],
    ['said to be empty', { central: { size: 0 }, local: { size: 0 } }, /more than the 0 bytes/],
    [
      'stored with two sizes',
      { stored: true, central: { size: 10 }, local: { size: 10 } },
      /1000 bytes, 10 are announced/,
    ],
    ['no deflated data', { packed: Buffer.from('no such data') }, /compressed data is damaged/],
    ['longer than the zip', { central: { packed: 2 ** 31 }, local: { packed: 2 ** 31 } }, /cut off/],
    ['behind the end', { central: { offset: 2 ** 31 } }, /cut off/],
    ['at no local header', { central: { offset: 3 } }, /local header is damaged/],
  ];
  for (const [title, more, message] of entries) {
    it(`with an entry that is ${title} is refused when that is read, with its name`, async () => {
      const file = zipFile(
        makeZipOf([...(more.central?.offset ? [] : [good]), { name: 'x.csv', content: long, ...more }]),
      );
      if (!more.central?.offset) await readAll(file, ['good.csv']);
      const error = await refusal(() => readAll(file, ['x.csv']));
      assert.equal(error.place.file, `${file}/x.csv`);
      assert.match(error.message, message);
    });
  }

  it('with more entries announced than there are is refused without room for them', async () => {
    for (const zip64Entries of [3, 2 ** 32, 2 ** 52]) {
      const file = zipFile(makeZipOf([good, { name: 'x', content: 'x' }], { zip64Entries }));
      const error = await refusal(() => readAll(file));
      assert.deepEqual([error.place.file, error.message.slice(0, 20)], [file, 'not a whole zip file']);
    }
  });

  const claims = (size: number, packed?: number): Partial<ZipEntry> => ({
    central: { size, ...(packed !== undefined && { packed }) },
  });
  const bombs: [string, readonly ZipEntry[], ZipOptions, RegExp][] = [
    [
      'claims four gigabytes',
      [{ ...good, ...claims(0xfffffffe) }],
      {},
      /claim to hold 4294967294: a zip bomb/,
    ],
    [
      'claims a little in each of many entries',
      Array.from({ length: 500 }, (_, i) => ({ name: `${i}`, content: '', ...claims(1e6) })),
      {},
      /claim to hold 500000000: a zip bomb/,
    ],
    [
      'has entries that share their bytes',
      Array.from({ length: 5 }, (_, i) => ({ name: `${i}`, content: long, central: { offset: 0 } })),
      {},
      /`0` and `1` overlap/,
    ],
    [
      'has an entry that goes on into the next',
      [{ name: 'a', content: long, stored: true, central: { packed: 1040, size: 1040 } }, good],
      {},
      /`a` and `good\.csv` overlap/,
    ],
  ];
  for (const [title, bombEntries, options, message] of bombs) {
    it(`that ${title} is refused as a bomb`, async () => {
      const file = zipFile(makeZipOf(bombEntries, options));
      const error = await refusal(() => readAll(file));
      assert.equal(error.place.file, file);
      assert.match(error.message, message);
    });
  }

  it('that really holds ten thousand times its size is refused before it is unpacked', async () => {
    const packed = zlib.deflateRawSync(Buffer.alloc(1 << 27));
    const file = zipFile(makeZipOf([{ name: 'zeros', content: '', packed, central: { size: 1 << 27 } }]));
    const before = process.memoryUsage().arrayBuffers;
    assert.match((await refusal(() => readAll(file))).message, /zip bomb/);
    assert.ok(process.memoryUsage().arrayBuffers - before < 1 << 25);
  });

  it('that understates what it holds is unpacked no further than it says', async () => {
    const packed = zlib.deflateRawSync(Buffer.alloc(1 << 27));
    const lie = { size: 1000, packed: packed.length };
    const file = zipFile(makeZipOf([{ name: 'zeros', content: '', packed, central: lie, local: lie }]));
    const before = process.memoryUsage().arrayBuffers;
    assert.match((await refusal(() => readAll(file))).message, /more than the 1000 bytes/);
    assert.ok(process.memoryUsage().arrayBuffers - before < 1 << 25);
  });

  it('in a zip is a file like others, and is not unpacked', async () => {
    const inner = makeZip({ 'x.csv': long });
    const file = zipFile(makeZip({ 'inner.zip': inner }));
    const archive = await openArchive(file);
    assert.deepEqual(archive.names(), ['inner.zip']);
    assert.throws(
      () => openRecordingIn(archive, 'inner.zip'),
      (error) => error instanceof UserError && /no kind of recording/.test(error.message),
    );
    archive.close();
  });
});

describe('a folder', () => {
  const outside = path.join(folder, 'outside');
  writeFiles(outside, { ...record, 'secret.csv': 'a (mV)\n1\n' });
  const set = path.join(folder, 'linked');
  writeFiles(set, { ...record, 'sub/R.dat': record['R.dat'], 'a.hea': record['R.hea'].replaceAll('R', 'a') });
  const link = (target: string, name: string): void => fs.symlinkSync(target, path.join(set, name));
  link(path.join(outside, 'secret.csv'), 'file.csv');
  link('R.dat', 'a.dat');
  link(outside, 'away');
  link('sub', 'within');
  link('loop', 'loop');
  link('nowhere', 'dangling.csv');

  it('does not list what links lead to', async () => {
    const archive = await openArchive(set);
    assert.deepEqual(archive.names(), ['R.dat', 'R.hea', 'a.hea', 'sub/R.dat']);
  });

  for (const [name, at] of [
    ['file.csv', 'file.csv'],
    ['a.dat', 'a.dat'],
    ['away/secret.csv', 'away'],
    ['within/R.dat', 'within'],
    ['loop', 'loop'],
    ['loop/x', 'loop'],
    ['dangling.csv', 'dangling.csv'],
  ]) {
    it(`refuses ${name}, as ${at} is a link`, async () => {
      const archive = await openArchive(set);
      assert.equal(archive.has(name), true);
      const error = await refusal(() => void archive.open(name));
      assert.equal(error.place.file, path.join(set, at));
      assert.match(error.message, /symbolic link/);
    });
  }

  it('refuses a record whose signal file is a link, and names it', async () => {
    const error = await refusal(() => readRecord(set, 'a.hea'));
    assert.deepEqual(
      [error.place.file, error.message],
      [path.join(set, 'a.dat'), 'is a symbolic link, which is not followed'],
    );
  });

  for (const name of [
    '../outside/secret.csv',
    path.join(outside, 'secret.csv'),
    'sub/../R.dat',
    'sub\\R.dat',
    'a\0b',
  ]) {
    it(`has no file ${JSON.stringify(name.replace(folder, ''))}`, async () => {
      const archive = await openArchive(set);
      assert.equal(archive.has(name), false);
      assert.equal((await refusal(() => void archive.open(name))).place.file, set);
    });
  }

  it('lacks files of names that the system cannot have, or below a file', async () => {
    const archive = await openArchive(set);
    for (const name of ['x'.repeat(300), `${'x'.repeat(300)}/y`, 'R.dat/x']) {
      assert.equal(archive.has(name), false);
      assert.match((await refusal(() => void archive.open(name))).message, /lacks the file/);
    }
  });

  it(
    'refuses what is no file, and does not wait for a pipe',
    { skip: process.platform === 'win32' },
    async () => {
      execFileSync('mkfifo', [path.join(set, 'pipe.csv')]);
      const archive = await openArchive(set);
      for (const name of ['pipe.csv', 'sub']) {
        assert.match((await refusal(() => void archive.open(name))).message, /is not a file/);
      }
      const error = await refusal(() => openArchive(path.join(set, 'pipe.csv')));
      assert.match(error.message, /neither a file nor a folder/);
    },
  );
});

const leadingOut = ['../outside/x', '/etc/passwd', 'C:\\x', '..\\x', 'sub/../../x', 'a/./b'];

/** The same files as a folder and as a zip. */
function bothWays(files: Record<string, string>): string[] {
  const place = path.join(folder, `both${++made}`);
  writeFiles(place, files);
  return [place, zipFile(makeZip(files))];
}

describe('a name in a WFDB header', () => {
  for (const name of leadingOut) {
    it(`of a signal file, ${name}, is refused with header and line`, async () => {
      for (const location of bothWays({ 'R.hea': `R 1 250 2\n${name} 16 200/mV\n` })) {
        const error = await refusal(() => readRecord(location));
        assert.deepEqual([error.place.file, error.place.line], [`${location}/R.hea`, 2]);
        assert.match(error.message, /only files in the record's folder are read/);
      }
    });

    it(`of a segment, ${name}, is refused with header and line`, async () => {
      for (const location of bothWays({ 'R.hea': `R/1 1 250 2\n${name} 2\n` })) {
        const error = await refusal(() => readRecord(location));
        assert.deepEqual([error.place.file, error.place.line], [`${location}/R.hea`, 2]);
        assert.match(error.message, /its name (leads out|is an absolute path|has a backslash)/);
      }
    });
  }
});

describe('a name in a table of a dataset', () => {
  for (const name of leadingOut) {
    it(`of a recording, ${name}, is refused with table and line`, async () => {
      for (const location of bothWays({
        'labels.csv': `record,label\nx.csv,N\n${name},A\n`,
        'x.csv': 'a\n1\n',
      })) {
        const archive = await openArchive(location);
        const error = await refusal(async () => {
          await table.index(archive, defaultSource('table', location), silentContext());
        });
        archive.close();
        assert.deepEqual([error.place.file, error.place.line], [`${location}/labels.csv`, 3]);
        assert.match(error.message, /leads out|is an absolute path|has a backslash/);
      }
    });

    it(`of a recording of PTB-XL, ${name}, is refused with table and line`, async () => {
      const files = {
        'ptbxl_database.csv': `ecg_id,patient_id,scp_codes,strat_fold,filename_lr\n1,1,{},1,x\n2,2,{},1,${name}\n`,
        'scp_statements.csv': 'code,diagnostic,diagnostic_class\nNORM,1,NORM\n',
        'x.hea': record['R.hea'],
      };
      for (const location of bothWays(files)) {
        const archive = await openArchive(location);
        const error = await refusal(async () => {
          await ptbXl.index(archive, defaultSource('ptb-xl', location), silentContext());
        });
        archive.close();
        assert.deepEqual([error.place.file, error.place.line], [`${location}/ptbxl_database.csv`, 3]);
        assert.match(error.message, /leads out|is an absolute path|has a backslash/);
      }
    });
  }
});
