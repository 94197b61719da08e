// Compiles C to WebAssembly and to the engine's add-on: dist/kernels/*.wasm, *.node. Skips a target whose output is newer
// than its sources and was made from the same sources and flags. Without a clang the copies in prebuilt/kernels/ serve, if
// they are of these sources.
// `node scripts/build-kernels.mjs [--force] [--prebuilt] [TARGET…]`; --prebuilt renews those copies.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';

const root = path.resolve(import.meta.dirname, '..');

/** C files of a folder, and its headers: a change of any of them builds the target again. */
function cFolder(folder) {
  const files = fs.readdirSync(path.join(root, folder)).sort();
  const named = (suffix) => files.filter((f) => f.endsWith(suffix)).map((f) => `${folder}/${f}`);
  return { sources: named('.c'), headers: named('.h') };
}

const engine = cFolder('src/engine/kernels');
const native = cFolder('src/engine/native');
const nodeApi = cFolder('node_modules/node-api-headers/include');
const nodeApiNames = ['js_native_api', 'node_api'].map((f) => `node_modules/node-api-headers/def/${f}.def`);
const kernel32 = 'src/engine/native/kernel32.def';
const libSystem = 'src/engine/native/libSystem.tbd';
const runtimeParts = ['', '/host'].map((part) => cFolder(`firmware-templates/nrf52832/runtime${part}`));
const runtime = {
  sources: runtimeParts.flatMap((part) => part.sources),
  headers: runtimeParts.flatMap((part) => part.headers),
};
const engineMemory = ['--import-memory', '--shared-memory', '--max-memory=4294967296'];

/** The add-on: its table of kernels once for each instruction set, from the sources of the WebAssembly builds. */
const x64 = [
  ['addon.c'],
  ['kernel-table.c', '-DECG_TABLE=ecg_avx2', '-mavx2', '-mfma'],
  [
    ...['kernel-table.c', '-DECG_TABLE=ecg_avx512', '-mavx2', '-mfma', '-mprefer-vector-width=512'],
    ...['-mavx512f', '-mavx512vl', '-mavx512bw', '-mavx512dq'],
  ],
];
const arm64 = [['addon.c'], ['kernel-table.c', '-DECG_TABLE=ecg_neon']];
const addon = {
  kind: 'addon',
  sources: native.sources,
  headers: [
    ...[...native.headers, ...engine.sources, ...engine.headers, ...nodeApi.headers],
    ...[...nodeApiNames, kernel32, libSystem],
  ],
};

/** Node-API is looked up in the program that loads the add-on. */
const linux = { flags: ['-fPIC'], link: ['-shared', '-s'] };
const darwin = { flags: [], link: ['-bundle', '-Wl,-undefined,dynamic_lookup,-S,-x', libSystem] };
/** Imports are by name of a program: see native/windows.c. */
const windows = {
  flags: [],
  link: ['-shared', '-Wl,-noentry,-Brepro,-delayload:node.exe'],
  imports: { 'node.exe': nodeApiNames, 'KERNEL32.dll': [kernel32] },
};

function addonFor(platform, triple, units, { flags, ...system }) {
  const name = `engine-${platform}.node`;
  return { name, ...addon, units, ...system, flags: [`--target=${triple}`, ...flags] };
}

/**
 * One line a target: its name is the file in dist/kernels. Of WebAssembly, functions are exported by attributes in the C
 * sources.
 */
export const targets = [
  { name: 'engine-relaxed.wasm', ...engine, flags: ['-mrelaxed-simd', '-matomics'], link: engineMemory },
  { name: 'engine-simd128.wasm', ...engine, flags: ['-matomics'], link: engineMemory },
  addonFor('linux-x64', 'x86_64-linux-gnu', x64, linux),
  // Never run: nothing here can. `auto` does not take them.
  addonFor('linux-arm64', 'aarch64-linux-gnu', arm64, linux),
  addonFor('darwin-x64', 'x86_64-apple-macos11', x64, darwin),
  addonFor('darwin-arm64', 'arm64-apple-macos11', arm64, darwin),
  addonFor('win32-x64', 'x86_64-windows-msvc', [...x64, ['windows.c']], windows),
  { name: 'runtime.wasm', ...runtime, flags: ['-std=c99'] },
];

const commonFlags = [
  '-O3',
  '-ffreestanding',
  // Where a product and a sum are fused is said in the source, never chosen by the compiler.
  '-ffp-contract=off',
  '-fno-math-errno',
  '-Wall',
  '-Wextra',
  '-Werror',
];
const wasmFlags = ['--target=wasm32', '-msimd128', '-mbulk-memory', '-mmutable-globals', '-nostdlib'];
const addonFlags = ['-fvisibility=hidden', '-fno-stack-protector', '-Inode_modules/node-api-headers/include'];
const addonLink = ['-nostdlib', '-fuse-ld=lld'];
const commonLink = ['--no-entry', '--export=__stack_pointer', '--export=__heap_base', '--strip-all'];

const advice = {
  linux: 'apt-get install clang-19 lld-19',
  darwin: 'brew install llvm@19 lld@19',
  win32: 'winget install LLVM.LLVM',
}[process.platform];

/** A clang that compiles relaxed SIMD and links wasm32: clang-19 first, then any other that passes the probe. */
export function findClang() {
  const names = ['clang-19', 'clang-20', 'clang-21', 'clang-22', 'clang-18', 'clang'];
  const brewed = ['/opt/homebrew/opt/llvm@19/bin/clang', '/usr/local/opt/llvm@19/bin/clang'];
  const own = process.env.ECG_CLANG ? [process.env.ECG_CLANG] : [];
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ecg-clang-'));
  const source = path.join(folder, 'probe.c');
  fs.writeFileSync(
    source,
    '#include <wasm_simd128.h>\n' + 'v128_t f(v128_t a) { return wasm_f32x4_relaxed_madd(a, a, a); }\n',
  );
  try {
    for (const clang of [...own, ...names, ...brewed]) {
      try {
        const output = path.join(folder, 'probe.wasm');
        execFileSync(
          clang,
          [
            ...commonFlags,
            ...wasmFlags,
            '-mrelaxed-simd',
            '-Wno-missing-prototypes',
            source,
            '-Wl,--no-entry',
            '-o',
            output,
          ],
          { stdio: 'pipe' },
        );
        return clang;
      } catch {
        // Not installed, too old, or without a wasm linker: the next one.
      }
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
  throw new Error(
    `No clang was found that compiles WebAssembly with relaxed SIMD (clang 18 or newer with wasm-ld is needed).\n` +
      `Install it with: ${advice ?? 'your package manager (clang and lld, version 19)'}\n` +
      `or name it in the environment variable ECG_CLANG.`,
  );
}

/** Where copies of all targets are kept in git, for machines without a clang. */
export const prebuiltFolder = path.join(root, 'prebuilt', 'kernels');

function flagsOf({ kind, flags }) {
  return [...commonFlags, ...(kind === 'addon' ? addonFlags : wasmFlags), ...flags];
}

/** SHA-256 of the flags and of every source and header of a target. */
export function fingerprint(target) {
  const hash = createHash('sha256');
  hash.update(
    JSON.stringify([flagsOf(target), commonLink, addonLink, target.link ?? [], target.units ?? []]),
  );
  for (const file of [...target.sources, ...(target.headers ?? [])]) {
    hash.update(`\0${file}\0`).update(fs.readFileSync(path.join(root, file)));
  }
  return hash.digest('hex');
}

/** Build what is out of date; returns the names of the targets that were built. */
export function buildKernels({ force = false, only = [], log = console.log } = {}) {
  const folder = path.join(root, 'dist', 'kernels');
  fs.mkdirSync(folder, { recursive: true });
  const built = [];
  let clang;
  for (const target of targets) {
    if (only.length > 0 && !only.includes(target.name)) continue;
    const output = path.join(folder, target.name);
    const stamp = path.join(folder, `${target.name}.sha256`);
    const wanted = fingerprint(target);
    const current =
      fs.existsSync(output) && fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8').trim() === wanted;
    const newest = Math.max(
      ...[...target.sources, ...(target.headers ?? [])].map((f) => fs.statSync(path.join(root, f)).mtimeMs),
    );
    if (!force && current && fs.statSync(output).mtimeMs >= newest) continue;
    if (!force && current) {
      // Touched, not changed (a fresh checkout): the output only needs a newer date.
      const now = new Date();
      fs.utimesSync(output, now, now);
      continue;
    }
    if (clang === undefined) {
      try {
        clang = findClang();
      } catch (error) {
        if (!usePrebuilt(target.name, wanted, folder)) throw error;
        log(`no clang: dist/kernels/${target.name} is the prebuilt one`);
        continue;
      }
    }
    // Renamed into place, so that two builds at a time never show a half-written file.
    const temporary = path.join(folder, `.${process.pid}.${target.name}`);
    if (target.kind === 'addon') compileAddon(clang, target, temporary);
    else compileWasm(clang, target, temporary);
    fs.renameSync(temporary, output);
    fs.writeFileSync(stamp, wanted + '\n');
    built.push(target.name);
    log(`built dist/kernels/${target.name} (${fs.statSync(output).size} bytes)`);
  }
  return built;
}

function compileWasm(clang, target, output) {
  const link = [...commonLink, ...(target.link ?? [])].map((flag) => `-Wl,${flag}`);
  run(clang, [...flagsOf(target), ...link, ...target.sources, '-o', output]);
}

function compileAddon(clang, target, output) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ecg-addon-'));
  try {
    const objects = target.units.map(([file, ...flags], i) => {
      const object = path.join(folder, `${i}.o`);
      run(clang, [...flagsOf(target), ...flags, '-c', `src/engine/native/${file}`, '-o', object]);
      return object;
    });
    const libraries = Object.entries(target.imports ?? {}).map(([program, files], i) => {
      const library = path.join(folder, `${i}.lib`);
      importLibrary(clang, program, files, library);
      return library;
    });
    const link = [...target.link, ...addonLink];
    // Under its own name, which some formats hold: the same sources give the same bytes.
    const linked = path.join(folder, target.name);
    run(clang, [target.flags[0], ...link, ...objects, ...libraries, '-o', linked]);
    fs.copyFileSync(linked, output);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Of all names that the definition files list, as `program` has them. */
function importLibrary(clang, program, definitions, library) {
  const names = definitions.flatMap((file) =>
    fs.readFileSync(path.join(root, file), 'utf8').split('EXPORTS')[1].trim().split(/\s+/),
  );
  const merged = library.replace(/lib$/, 'def');
  fs.writeFileSync(merged, ['NAME ' + program, 'EXPORTS', ...names, ''].join('\n'));
  const linker = execFileSync(clang, ['-print-prog-name=lld-link'], { encoding: 'utf8' }).trim();
  run(linker, ['/lib', '/machine:x64', `/def:${merged}`, `/out:${library}`]);
}

function run(command, args) {
  execFileSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
}

/** Copy the prebuilt file of a target into dist, if it was made from the same sources and flags. */
function usePrebuilt(name, wanted, folder) {
  const stamp = path.join(prebuiltFolder, `${name}.sha256`);
  if (!fs.existsSync(stamp) || fs.readFileSync(stamp, 'utf8').trim() !== wanted) return false;
  for (const file of [name, `${name}.sha256`]) {
    fs.copyFileSync(path.join(prebuiltFolder, file), path.join(folder, file));
  }
  return true;
}

/** Renew the copies in prebuilt/ from dist/. */
function keepPrebuilt() {
  fs.mkdirSync(prebuiltFolder, { recursive: true });
  for (const { name } of targets) {
    for (const file of [name, `${name}.sha256`]) {
      fs.copyFileSync(path.join(root, 'dist', 'kernels', file), path.join(prebuiltFolder, file));
    }
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const words = process.argv.slice(2);
  try {
    buildKernels({ force: words.includes('--force'), only: words.filter((w) => !w.startsWith('-')) });
    if (words.includes('--prebuilt')) keepPrebuilt();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
