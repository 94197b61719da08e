import * as path from 'node:path';
import type { Command } from 'commander';
import { synthesizeDataset } from '../../dataset/synthetic/dataset.ts';
import { markdownTable } from '../../evaluation/tables.ts';
import { importJob, type DatasetSummary } from '../../jobs/import.ts';
import { print, wholeNumber, withJson, writeResult } from '../options.ts';
import type { Terminal } from '../terminal.ts';

export function addImportCommands(program: Command, terminal: Terminal): void {
  withJson(
    program
      .command('import <data>')
      .description('Index a zip or folder in the layout of training2017.zip and write a dataset file for it')
      .option('--out <folder>', 'where the dataset file goes', '.')
      .option('--name <name>', "the dataset's name"),
  ).action(async (data: string, options: { out: string; name?: string; json?: string }) => {
    const { summary, file } = await importJob(
      { data, folder: path.resolve(options.out), name: options.name },
      terminal,
    );
    terminal.clear();
    printSummary(summary);
    print(`Dataset file: ${file}`);
    writeResult(options, { ...summary, file });
  });

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
  print(
    markdownTable([
      ['split', ...classes, 'all'],
      ...Object.entries(summary.splits).map(([name, counts]) => row(name, counts)),
      row('all', summary.classes),
    ]),
  );
  for (const set of summary.duplicates) print(`Exact duplicates, kept in one split: ${set.join(' = ')}`);
}
