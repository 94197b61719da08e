// Makes the extension's package, ecg-studio-VERSION.vsix, in the repository's folder (or where --out says).
import { createVSIX } from '@vscode/vsce';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const { values } = parseArgs({ options: { out: { type: 'string' } } });
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const packagePath = resolve(values.out ?? `ecg-studio-${version}.vsix`);

// vsce warns on the console alone: a warning is a failure here, so that none is ever shipped.
const warnings = [];
for (const name of ['warn', 'error']) {
  const original = console[name];
  console[name] = (...args) => {
    warnings.push(args.join(' '));
    original(...args);
  };
}
// Everything is bundled or copied into dist/ by the build; node_modules has nothing that ships.
await createVSIX({ packagePath, dependencies: false });
if (warnings.length > 0) {
  process.stderr.write(`vsce gave ${warnings.length} warnings\n`);
  process.exit(1);
}
console.log(packagePath);
