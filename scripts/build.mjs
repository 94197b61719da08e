// Builds dist/: the kernels (wasm) and the bundles. `--quiet`: only errors.
import * as esbuild from 'esbuild';
import { chmodSync, cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildKernels } from './build-kernels.mjs';
import { datasetFileSchema } from '../src/dataset/schema.ts';
import { boardFileSchema } from '../src/firmware/board-schema.ts';
import { publishedModelSchema } from '../src/model/schema.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
const quiet = process.argv.includes('--quiet');

/** The command line, the extension's processes, and what is started by file name (`processEntry`). */
const nodeEntries = {
  cli: 'src/cli/main.ts',
  'engine-thread': 'src/engine/engine-thread.ts',
  'augmentation-thread': 'src/training/augmentation/augmentation-thread.ts',
  compute: 'src/compute/main.ts',
  'language-server': 'src/language/main.ts',
  'serial-process': 'src/firmware/serial-process.ts',
};
/** Its jobs are a chunk of their own, so that the list of a dataset waits for nothing of them. */
const lazyEntries = { 'job-thread': 'src/compute/job-thread.ts' };
const webviews = ['waveform', 'training', 'evaluation', 'statistics', 'activations', 'firmware'];

// Some dependencies are CommonJS and ask for Node's own modules with `require`, which a module does not have.
const banner = `import { createRequire as ecgCreateRequire } from 'node:module';
const require = ecgCreateRequire(import.meta.url);`;

buildKernels({ log: quiet ? () => {} : console.log });
// For other editors: the schemas that the product itself checks with.
mkdirSync('dist/schema', { recursive: true });
const schemas = {
  ecgmodel: publishedModelSchema(),
  ecgdata: datasetFileSchema,
  ecgboard: boardFileSchema,
};
for (const [name, schema] of Object.entries(schemas)) {
  writeFileSync(`dist/schema/${name}.schema.json`, JSON.stringify(schema, null, 2) + '\n');
}

for (const file of readdirSync('dist')) if (file.startsWith('chunk-')) rmSync(`dist/${file}`);
const shared = { bundle: true, sourcemap: true, logLevel: quiet ? 'warning' : 'info' };
const forNode = {
  ...shared,
  outdir: 'dist',
  platform: 'node',
  target: 'node20',
  format: 'esm',
  define: { ECG_BUNDLE: 'true' },
  banner: { js: banner },
  plugins: [
    {
      name: 'serial port beside the bundles',
      setup: (build) =>
        build.onResolve({ filter: /^@serialport\/bindings-cpp$/ }, () => ({
          path: './serial-port/lib/bindings.cjs',
          external: true,
        })),
    },
  ],
};
await Promise.all([
  esbuild.build({ ...forNode, entryPoints: nodeEntries }),
  esbuild.build({ ...forNode, entryPoints: lazyEntries, splitting: true, chunkNames: 'chunk-[hash]' }),
  // VS Code loads extensions as CommonJS, where a module's folder is `__dirname`.
  esbuild.build({
    ...shared,
    entryPoints: { extension: 'src/extension.ts' },
    outdir: 'dist',
    outExtension: { '.js': '.cjs' },
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    external: ['vscode'],
    define: { ECG_BUNDLE: 'true', 'import.meta.dirname': '__dirname' },
  }),
  // Its native code for every platform is looked for in the folder above its own.
  esbuild.build({
    ...shared,
    stdin: { contents: `export { autoDetect } from '@serialport/bindings-cpp';`, resolveDir: root },
    outfile: 'dist/serial-port/lib/bindings.cjs',
    platform: 'node',
    target: 'node20',
    format: 'cjs',
  }),
  esbuild.build({
    ...shared,
    entryPoints: Object.fromEntries(webviews.map((name) => [name, `webview/${name}/main.ts`])),
    outdir: 'dist/webview',
    platform: 'browser',
    target: 'chrome128',
    format: 'iife',
    minify: true,
  }),
]);
chmodSync('dist/cli.js', 0o755);
for (const name of ['prebuilds', 'LICENSE']) {
  const target = `dist/serial-port/${name}`;
  rmSync(target, { recursive: true, force: true });
  cpSync(`node_modules/@serialport/bindings-cpp/${name}`, target, { recursive: true });
}
copyDebugAdapter();

/**
 * The debug adapter is a program of its own under the EPL: its packages as npm installed them, with their licences, less
 * what is for other uses of them. THIRD-PARTY.md says where its source is. `serialport`, which brings native code for
 * every platform and is never used here, is replaced by a module that says so.
 */
function copyDebugAdapter() {
  const packages = ['cdt-gdb-adapter', '@vscode/debugadapter', '@vscode/debugprotocol'];
  const target = 'dist/debug-adapter/node_modules';
  rmSync('dist/debug-adapter', { recursive: true, force: true });
  for (const name of packages) {
    cpSync(`node_modules/${name}`, `${target}/${name}`, { recursive: true, filter: neededAtRunTime });
  }
  cpSync('debug-adapter/serialport', `${target}/serialport`, { recursive: true });
}

/** Declarations, maps, sources, native builds and tests stay behind, and the adapter's entries for browsers. */
function neededAtRunTime(file) {
  const inside = file.replace(/^node_modules\/(@[^/]+\/)?[^/]+/, '');
  if (/\.(ts|map|gyp)$|\.spec\.js$/.test(inside)) return false;
  return !/^\/(src|build|install\.js|lib\/tests|dist\/(browser|web|web\.js|integration-tests))$/.test(inside);
}
