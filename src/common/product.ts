import * as os from 'node:os';
import * as path from 'node:path';

// In the bundle (dist/*.js) esbuild defines ECG_BUNDLE; from source it does not exist.
declare const ECG_BUNDLE: boolean | undefined;

/** True in the built product, false when the sources run directly (tests). */
export const bundled = typeof ECG_BUNDLE !== 'undefined';

/** The folder that holds `dist/`, `media/`, `firmware-templates/`: the installed extension or the checkout. */
export const productRoot = bundled
  ? path.resolve(import.meta.dirname, '..')
  : path.resolve(import.meta.dirname, '..', '..');

export const productVersion = '0.1.0';

/** Entry file of a thread or process: `src/FOLDER/NAME.ts` from source, `dist/NAME.js` in the product. */
export function processEntry(folder: string, name: string): string {
  return bundled
    ? path.join(productRoot, 'dist', `${name}.js`)
    : path.join(productRoot, 'src', folder, `${name}.ts`);
}

/** Folder for caches, outside of every workspace; `ECG_CACHE_DIR` overrides it. */
export function cacheFolder(): string {
  if (process.env.ECG_CACHE_DIR) return path.resolve(process.env.ECG_CACHE_DIR);
  const base =
    process.platform === 'win32'
      ? (process.env.LOCALAPPDATA ?? path.join(os.homedir(), 'AppData', 'Local'))
      : process.platform === 'darwin'
        ? path.join(os.homedir(), 'Library', 'Caches')
        : (process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache'));
  return path.join(base, 'ecg-studio');
}

/** Shown wherever results are. */
export const notAMedicalDevice =
  'Not a medical device: for research and development only, not for diagnosis or treatment.';
