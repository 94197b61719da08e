// Runs inside the real extension host: VS Code calls `run`. Results go to a file, so that every test is reported by name.
import * as fs from 'node:fs';
import Mocha from 'mocha';
import { studioApi } from './studio.ts';

export interface HostResult {
  title: string;
  error?: string;
}

export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 60_000, color: false });
  mocha.suite.emit('pre-require', globalThis as unknown as Mocha.MochaGlobals, '', mocha);
  const results: HostResult[] = [];
  // A part of the suite, while one works on it: it needs what the suites before it make.
  if (process.env.ECG_HOST_GREP) mocha.grep(new RegExp(process.env.ECG_HOST_GREP));
  await import('./suites.ts');
  await new Promise<void>((resolve) => {
    const runner = mocha.run(() => resolve());
    runner.on('pass', (test) => results.push({ title: test.fullTitle() }));
    runner.on('fail', (test, error: Error) =>
      results.push({ title: test.fullTitle(), error: error.stack ?? error.message }),
    );
    runner.on('pending', (test) => results.push({ title: test.fullTitle(), error: 'was not run' }));
  });
  const file = process.env.ECG_HOST_RESULTS;
  if (file) {
    fs.writeFileSync(file, JSON.stringify(results, null, 2));
    fs.writeFileSync(`${file}.log`, (await studioApi()).studio.log.recent().join('\n'));
  }
  const failed = results.filter((r) => r.error);
  if (failed.length > 0 || results.length === 0) {
    throw new Error(
      `${failed.length} of ${results.length} tests failed:\n${failed.map((r) => `${r.title}\n${r.error}`).join('\n')}`,
    );
  }
}
