// Builds dist/: the kernels (wasm) and the bundles. `--quiet`: only errors.
import * as esbuild from 'esbuild';
import { writeFileSync, mkdirSync, chmodSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildKernels } from './build-kernels.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
const quiet = process.argv.includes('--quiet');

/** Entry points of the product: the command line, and threads that are started by file name (`threadEntry`). */
const entryPoints = { cli: 'src/cli/main.ts', 'engine-thread': 'src/engine/engine-thread.ts' };

await buildKernels({ quiet });
mkdirSync('dist', { recursive: true });
// The bundles are CommonJS, which every Node and every VS Code loads; the sources are modules.
writeFileSync('dist/package.json', '{ "type": "commonjs" }\n');
await esbuild.build({
  entryPoints,
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  sourcemap: true,
  define: { ECG_BUNDLE: 'true', 'import.meta.dirname': '__dirname' },
  banner: { js: '#!/usr/bin/env node' },
  logLevel: quiet ? 'warning' : 'info',
});
chmodSync('dist/cli.js', 0o755);
