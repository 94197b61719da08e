import type { Command } from 'commander';
import { durationText } from '../../common/time-left.ts';
import { splitNames } from '../../dataset/spec.ts';
import { markdownTable } from '../../evaluation/tables.ts';
import { statisticsJob, type DatasetStatistics } from '../../jobs/statistics.ts';
import { print, wholeNumber, withJson, writeResult } from '../options.ts';
import type { Terminal } from '../terminal.ts';

export function addStatisticsCommand(program: Command, terminal: Terminal): void {
  withJson(
    program
      .command('statistics <data>')
      .description(
        'Durations, rates, classes and signal quality of a dataset, and the records to look at first',
      )
      .option('--first <n>', 'how many records to look at first are printed', wholeNumber(0), 20),
  ).action(async (data: string, options: { first: number; json?: string }) => {
    const statistics = await statisticsJob(data, terminal);
    terminal.clear();
    printStatistics(statistics, options.first);
    writeResult(options, statistics);
  });
}

function printStatistics(statistics: DatasetStatistics, first: number): void {
  const { name, records, recordings, synthetic, durations, rates, classes, verdicts } = statistics;
  const excerpts = recordings === records ? '' : ` in ${recordings} recordings`;
  print(`${name}: ${records} records${excerpts}${synthetic ? ', synthetic' : ''}`);
  const { total, shortest, median, longest } = durations;
  print(
    `${durationText(total)} in all; a record has ${shortest.toFixed(1)} to ${longest.toFixed(1)} s, half of them ${median.toFixed(1)} s or less`,
  );
  print(rates.map(({ rate, records: count }) => `${rate} Hz: ${count}`).join(', '));
  print(
    markdownTable([
      ['class', ...splitNames, 'records', 'share', 'time'],
      ...classes.map(({ label, splits, records: count, seconds }) => [
        label,
        ...splitNames.map((split) => String(splits[split])),
        String(count),
        `${((100 * count) / records).toFixed(1)} %`,
        durationText(seconds),
      ]),
    ]),
  );
  print(`Signal quality: good ${verdicts.good}, fair ${verdicts.fair}, poor ${verdicts.poor} recordings`);
  const worst = statistics.measured.filter(({ concern }) => concern > 0).slice(0, first);
  if (worst.length > 0) {
    print('To look at first:');
    print(
      markdownTable([
        ['record', 'class', 'split', 'quality', 'what is wrong'],
        ...worst.map(({ record, label, split, verdict, reasons }) => [
          record,
          label,
          split,
          verdict,
          reasons.join('; '),
        ]),
      ]),
    );
  }
  for (const { record, reason } of statistics.unreadable.slice(0, first))
    print(`${record} cannot be read: ${reason}`);
  for (const set of statistics.duplicates) print(`Exact duplicates: ${set.join(' = ')}`);
}
