/**
 * Why a name that a header, table or zip gives does not stay below its folder, or undefined where it does. Such names come from
 * strangers: absolute paths, drives, `..`, backslashes and control characters are never followed.
 */
export function unsafeName(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (name.length > 1024) return 'is too long';
  // eslint-disable-next-line no-control-regex
  if (/[\0-\x1f]/.test(name)) return 'has control characters';
  if (name.includes('\\')) return 'has a backslash';
  if (name.startsWith('/') || /^[A-Za-z]:/.test(name)) return 'is an absolute path';
  if (name.split('/').some((part) => part === '..' || part === '.' || part === '')) {
    return 'leads out of its folder';
  }
  return undefined;
}
