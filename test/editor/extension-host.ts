import * as path from 'node:path';
import * as esbuild from 'esbuild';
import { CodeServer, newPage, openBrowser, repository } from './code-server.ts';

/** An entry in TypeScript as one file beside the extension, as VS Code wants it: `out/NAME/index.cjs`. */
export async function bundleForHost(entry: string, name: string): Promise<string> {
  const outfile = path.join(repository, 'out', name, 'index.cjs');
  await esbuild.build({
    entryPoints: [path.join(repository, entry)],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    sourcemap: 'inline',
    external: ['vscode', 'mocha'],
    define: { 'import.meta.dirname': '__dirname' },
    logLevel: 'warning',
  });
  return outfile;
}

export interface HostRun {
  /** Made by `bundleForHost`; its `run()` is called in the extension host. */
  bundle: string;
  /** Folder that is opened. */
  workspace: string;
  /** Of the server, and so of the extension host. */
  env: Record<string, string>;
  /** A hang must not hold everything up. */
  longestMs: number;
}

function remote(port: number, file: string): string {
  return `vscode-remote://127.0.0.1:${port}${file}`;
}

/**
 * Open a folder with the extension under development in a fresh window and wait until `run()` has ended. Gives `0`, `1`
 * (it threw), `timeout` or how the window was lost, and the last lines that the host logged.
 */
export async function runInHost({ bundle, workspace, env, longestMs }: HostRun): Promise<string> {
  const server = await CodeServer.start({ testDriver: true, env });
  const browser = await openBrowser();
  try {
    const page = await newPage(browser);
    const log: string[] = [];
    await page.exposeFunction('codeAutomationLog', (_type: string, args: unknown[]) => {
      log.push(args.map(String).join(' '));
    });
    let exit: (code: number) => void = () => {};
    const ended = new Promise<number>((resolve) => (exit = resolve));
    // Both must be there before the page is.
    await page.exposeFunction('codeAutomationExit', (code: number) => exit(code));
    const payload = [
      ['extensionDevelopmentPath', remote(server.port, repository)],
      ['extensionTestsPath', remote(server.port, bundle)],
      ['skipWelcome', 'true'],
    ];
    const query = new URLSearchParams({ folder: workspace, payload: JSON.stringify(payload) });
    await page.goto(`${server.url}/?${query.toString()}`);
    const lost = new Promise<string>((resolve) => {
      page.once('crash', () => resolve('the page crashed'));
      page.once('close', () => resolve('the browser was closed'));
    });
    const code = await Promise.race([
      ended,
      lost,
      new Promise<string>((resolve) => setTimeout(() => resolve('timeout'), longestMs).unref()),
    ]);
    if (code === 'timeout') {
      await page.screenshot({ path: path.join(repository, 'out', 'host-timeout.png') });
    }
    return `${code}\n${log.slice(-60).join('\n')}`;
  } finally {
    await browser.close();
    await server.stop();
  }
}
