import { makeZipOf, type ZipEntry } from '../fixtures/zip.ts';
import type { Seed } from './seed.ts';

const record = { 'R.hea': 'R 1 250 4\nR.dat 16 200/mV 16 0 0 0 0 I\n', 'R.dat': 'abcdefgh' };
const csv = 'a (mV),b (mV)\n1,2\n3,4\n5,6\n';

function entries(files: Readonly<Record<string, string>>, more: Partial<ZipEntry> = {}): ZipEntry[] {
  return Object.entries(files).map(([name, content]) => ({ name, content, ...more }));
}

export function zipSeeds(): Seed[] {
  const files = {
    'set/R.hea': record['R.hea'],
    'set/R.dat': record['R.dat'],
    'x.csv': csv,
    'about.md': 'of no kind',
  };
  const zips: [string, Buffer][] = [
    ['deflated', makeZipOf(entries(files))],
    ['stored', makeZipOf(entries(files, { stored: true }))],
    ['modes', makeZipOf(entries(files, { mode: 0o100644, central: { flags: 0x800 } }))],
    ['zip64', makeZipOf(entries(files), { zip64Entries: 4 })],
    ['one entry', makeZipOf(entries({ 'R.csv': csv }))],
    ['long repeats', makeZipOf(entries({ 'R.csv': `a (mV)\n${'1\n'.repeat(20_000)}` }))],
    ['empty', makeZipOf([])],
  ];
  return zips.map(([title, bytes]) => ({
    kind: 'zip',
    title,
    files: { 'x.zip': bytes },
    name: 'x.zip',
    targets: ['x.zip'],
    facts: { rate: 100, units: 'mV' },
  }));
}

/** Tables that come with datasets, with recordings beside them. */
export function tableSeeds(): Seed[] {
  const recordings = Object.fromEntries(
    ['A', 'B', 'sub/C'].map((id) => [`${id}.csv`, Buffer.from(csv)] as const),
  );
  const headers = Object.fromEntries(
    ['A', 'B'].map(
      (id) => [`${id}.hea`, Buffer.from(`${id} 1 250 4\n${id}.mat 16\n# Dx: 164889003,426783006\n`)] as const,
    ),
  );
  const make = (title: string, name: string, text: string, beside: Record<string, Uint8Array>): Seed => ({
    kind: 'table',
    title,
    files: { [name]: Buffer.from(text), ...beside },
    name,
    targets: [name],
  });
  const statements =
    'code,description,diagnostic,diagnostic_class\nNORM,normal,1.0,NORM\nIMI,"inferior, MI",1,MI\nSR,sinus,,\n';
  return [
    make(
      'labels',
      'labels.csv',
      'record,label,patient,split\nA,N,1,train\nB.csv,V,2,val\nsub/C,"N ""x""",,test\n',
      recordings,
    ),
    make('labels with semicolons', 'labels.csv', '\ufeffrecord;label\r\nA;N\r\nB;V\r\n', recordings),
    make('labels with tabs', 'labels.tsv', 'record\tlabel\nA\tN\nB\tV\n', recordings),
    make('challenge', 'REFERENCE.csv', 'A,N\nB,A\n', headers),
    make(
      'PTB-XL',
      'ptbxl_database.csv',
      `ecg_id,patient_id,scp_codes,strat_fold,filename_lr,filename_hr\n1,15709.0,"{'NORM': 100.0, 'SR': 0.0}",3,A,B\n2,13243.0,"{'IMI': 35.0}",10,B,A\n`,
      { ...headers, 'scp_statements.csv': Buffer.from(statements) },
    ),
    {
      ...make('statements', 'scp_statements.csv', statements, {}),
      targets: ['scp_statements.csv', 'A.hea'],
      files: {
        'scp_statements.csv': Buffer.from(statements),
        'ptbxl_database.csv': Buffer.from(
          `ecg_id,patient_id,scp_codes,strat_fold,filename_lr,filename_hr\n1,1,"{'NORM': 100}",3,A,A\n`,
        ),
        ...headers,
      },
    },
  ];
}

export function datasetSeeds(): Seed[] {
  const texts: [string, string][] = [
    [
      'one source',
      'version: 1\nname: mine\nsource: { format: cinc2017, path: data.zip, lead: 0 }\nlabels:\n  file: REFERENCE.csv\n  map: { N: N, A: AF, "~": noise }\n  unmapped: exclude\nexclude: [A00001]\nsplit: { seed: 1, train: 0.8, validation: 0.1, test: 0.1 }\n',
    ],
    [
      'several sources',
      'version: 1\nname: two\ndescription: >\n  a long\n  text\nsources:\n  - { format: mit-bih, path: a, name: a, beat: [0.25, 0.45] }\n  - { format: table, path: b.zip, rate: 250, units: mV, labels: { record: r, label: l } }\nrelabel: { "a/1": N }\nsplit: { folds: 5, fold: 2, by: patient, shared-patients: all }\n',
    ],
    [
      'the source’s split',
      '# note\nversion: 1\nname: own\nsource:\n  format: ptb-xl\n  path: .\n  likelihood: 50\nsplit:\n  from: source\n  validation: 0.1\n',
    ],
  ];
  return texts.map(([title, text]) => ({
    kind: 'dataset',
    title,
    files: { 'x.yaml': Buffer.from(text) },
    name: 'x.yaml',
    targets: ['x.yaml'],
  }));
}
