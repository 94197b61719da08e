// Runs the test suites and prints the seconds of each.  node scripts/test.mjs all | unit | firmware | e2e | host | user  [FILE …]
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const [which = 'all', ...files] = process.argv.slice(2);

/** Commands that must succeed, then test files: two at a time, where the suite does not say how many. */
const suites = {
  static: {
    commands: [
      ['tsc', '--noEmit'],
      ['tsc', '--noEmit', '-p', 'webview'],
      ['tsc', '--noEmit', '-p', 'test/unit/webview'],
      ['eslint', '.'],
      ['prettier', '--check', '--log-level', 'warn', '.'],
    ],
  },
  build: { commands: [['node', 'scripts/build.mjs', '--quiet']] },
  unit: { files: 'test/unit/**/*.test.ts' },
  firmware: { files: 'test/firmware/**/*.test.ts' },
  e2e: { files: 'test/e2e/**/*.test.ts' },
  // A real VS Code takes both cores: one at a time.
  host: { files: 'test/host/**/*.test.ts' },
  user: { files: 'test/user/**/*.test.ts', atATime: 1 },
};
const chosen = which === 'all' ? Object.keys(suites) : ['build', which];

const total = { passed: 0, failed: 0, skipped: 0 };
const seconds = [];
for (const name of chosen) {
  const suite = suites[name];
  if (!suite) throw new Error(`there is no suite ${name}`);
  const started = performance.now();
  for (const [command, ...args] of suite.commands ?? []) {
    const path = command === 'node' ? process.execPath : `node_modules/.bin/${command}`;
    const { status } = spawnSync(path, args, { stdio: 'inherit' });
    if (status === 0) total.passed++;
    else {
      total.failed++;
      console.error(`failed: ${command} ${args.join(' ')}`);
    }
  }
  if (suite.files)
    await runFiles(files.length > 0 ? files : globSync(suite.files).sort(), suite.atATime ?? 2);
  seconds.push(`${name} ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

async function runFiles(paths, concurrency) {
  const stream = run({ files: paths, concurrency, timeout: 20 * 60 * 1000 });
  stream.on('test:pass', ({ skip, details }) => {
    if (details.type === 'suite') return;
    if (skip) total.skipped++;
    else total.passed++;
  });
  stream.on('test:fail', ({ details }) => {
    if (details.type !== 'suite') total.failed++;
  });
  await new Promise((resolve) =>
    stream.compose(new spec()).on('end', resolve).pipe(process.stdout, { end: false }),
  );
}

console.log(`\nseconds: ${seconds.join(', ')}`);
if (process.env.ECG_REQUIRE && total.skipped > 0) {
  console.log(`${total.skipped} tests were skipped although ECG_REQUIRE=${process.env.ECG_REQUIRE}`);
  total.failed += total.skipped;
}
if (total.passed + total.failed === 0) total.failed = 1;
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed > 0 ? 1 : 0);
