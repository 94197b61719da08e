// Builds dist/: the kernels (wasm) and the bundles. `--quiet`: only errors.
import * as esbuild from 'esbuild';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildKernels } from './build-kernels.mjs';
import { datasetFileSchema } from '../src/dataset/dataset-file.ts';
import { publishedModelSchema } from '../src/model/schema.ts';

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
// For other editors: the schemas that the product itself checks with.
mkdirSync('dist/schema', { recursive: true });
const schemas = { ecgmodel: publishedModelSchema(), ecgdata: datasetFileSchema };
for (const [name, schema] of Object.entries(schemas)) {
  writeFileSync(`dist/schema/${name}.schema.json`, JSON.stringify(schema, null, 2) + '\n');
}

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
