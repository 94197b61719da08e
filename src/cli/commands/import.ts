import * as path from 'node:path';
import { Option, type Command } from 'commander';
import { UserError } from '../../common/errors.ts';
import { sourceFormats, type SourceFormat } from '../../dataset/spec.ts';
import { synthesizeDataset } from '../../dataset/synthetic/dataset.ts';
import { markdownTable } from '../../evaluation/tables.ts';
import { downloadJob, downloads, type DownloadName } from '../../jobs/download.ts';
import { importJob, type DatasetSummary } from '../../jobs/import.ts';
import { leadName, positive, print, wholeNumber, withJson, writeResult } from '../options.ts';
import type { Terminal } from '../terminal.ts';

interface ImportOptions {
  out: string;
  name?: string;
  format?: SourceFormat;
  lead?: number | string;
  rate?: number;
  units?: string;
  json?: string;
}

export function addImportCommands(program: Command, terminal: Terminal): void {
  withJson(
    program
      .command('import <data>')
      .description('Index a zip or folder of recordings and write a dataset file for it')
      .addOption(new Option('--format <format>', 'what it is (default: recognised)').choices(sourceFormats))
      .option('--lead <lead>', 'lead that is read: its number, from 0, or its name', leadName)
      .option('--rate <hz>', 'of files that do not say; of PTB-XL 100 or 500', positive)
      .option('--units <units>', 'of files that do not say: mV, uV, V')
      .option('--out <folder>', 'where the dataset file goes', '.')
      .option('--name <name>', "the dataset's name"),
  ).action(async (data: string, options: ImportOptions) => {
    const { name, format, lead, rate, units } = options;
    const facts = { ...(rate !== undefined && { rate }), ...(units !== undefined && { units }) };
    const { summary, file } = await importJob(
      { data, folder: path.resolve(options.out), name, format, lead, facts },
      terminal,
    );
    terminal.clear();
    printSummary(summary);
    print(`Dataset file: ${file}`);
    writeResult(options, { ...summary, file });
  });

  withJson(
    program
      .command('download <dataset>')
      .description('Download a dataset (cinc2017) and check its SHA-256; a download that was cut off goes on')
      .option('--out <folder>', 'where the file goes', '.')
      .option('--url <url>', 'from a mirror')
      .option('--sha256 <hash>', 'instead of the one that PhysioNet publishes'),
  ).action(
    async (dataset: string, options: { out: string; url?: string; sha256?: string; json?: string }) => {
      const name = Object.keys(downloads).find((key): key is DownloadName => key === dataset);
      if (!name) {
        const known = Object.keys(downloads).join(', ');
        throw new UserError(`${dataset} cannot be downloaded`, {}, `Known here: ${known}.`);
      }
      const { out, url, sha256 } = options;
      const file = await downloadJob({ name, folder: path.resolve(out), url, sha256 }, terminal);
      terminal.clear();
      print(`${file} (${downloads[name].licence}). Next: ecg import ${file}`);
      writeResult(options, { file });
    },
  );

  withJson(
    program
      .command('synthesize <folder>')
      .description('Make a synthetic dataset: N, A, O and noise, always marked as synthetic')
      .option('--records <n>', 'number of records', wholeNumber(1), 400)
      .option('--seed <n>', 'the same seed makes the same records', wholeNumber(0), 1)
      .option('--seconds <n>', 'longest record; the shortest has 9 s or this', wholeNumber(2), 30),
  ).action(
    async (folder: string, options: { records: number; seed: number; seconds: number; json?: string }) => {
      const { records, seed, seconds } = options;
      const counts = await synthesizeDataset(
        { folder, records, seed, seconds: [Math.min(9, seconds), seconds] },
        terminal,
      );
      terminal.clear();
      const classes = Object.fromEntries(counts);
      print(
        `${records} synthetic records in ${folder}: ${Object.entries(classes)
          .map(([c, n]) => `${c} ${n}`)
          .join(', ')}`,
      );
      writeResult(options, { folder: path.resolve(folder), records, classes, synthetic: true });
    },
  );
}

function printSummary(summary: DatasetSummary): void {
  const classes = Object.keys(summary.classes);
  const row = (name: string, counts: Record<string, number>): string[] => [
    name,
    ...classes.map((c) => String(counts[c] ?? 0)),
    String(Object.values(counts).reduce((a, b) => a + b, 0)),
  ];
  print(`${summary.name}: ${summary.records} records${summary.synthetic ? ', synthetic' : ''}`);
  if (summary.unmapped > 0) print(`${summary.unmapped} more have no label of the map and are left out`);
  print(
    markdownTable([
      ['split', ...classes, 'all'],
      ...Object.entries(summary.splits).map(([name, counts]) => row(name, counts)),
      row('all', summary.classes),
    ]),
  );
  for (const set of summary.duplicates) print(`Exact duplicates, kept in one split: ${set.join(' = ')}`);
}
