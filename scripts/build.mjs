// Builds dist/: the kernels (wasm) and the bundles. `--quiet`: only errors.
import * as esbuild from 'esbuild';
import { chmodSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildKernels } from './build-kernels.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
const quiet = process.argv.includes('--quiet');

/** Entry points of the product: the command line, and threads that are started by file name (`threadEntry`). */
const entryPoints = { cli: 'src/cli/main.ts', 'engine-thread': 'src/engine/engine-thread.ts' };

// Some dependencies are CommonJS and ask for Node's own modules with `require`, which a module does not have.
const banner = `#!/usr/bin/env node
import { createRequire as ecgCreateRequire } from 'node:module';
const require = ecgCreateRequire(import.meta.url);`;

buildKernels({ log: quiet ? () => {} : console.log });
mkdirSync('dist', { recursive: true });
await esbuild.build({
  entryPoints,
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  sourcemap: true,
  define: { ECG_BUNDLE: 'true' },
  banner: { js: banner },
  logLevel: quiet ? 'warning' : 'info',
});
chmodSync('dist/cli.js', 0o755);
