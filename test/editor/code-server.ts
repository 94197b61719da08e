import { spawn, type ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';

/**
 * A real VS Code for tests: code-server carries the workbench, the extension host and webviews, and Chromium shows them.
 * Recipe and traps: facts/vscode-host.md of the design.
 */

export const repository = path.resolve(import.meta.dirname, '..', '..');
const tools = path.join(
  process.env.ECG_TOOLS_DIR ??
    path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache'), 'ecg-studio', 'tools'),
);
const version = '4.139.1';
export const codeServer = path.join(tools, `code-server-${version}`, 'node_modules', 'code-server');
const chromiumPath = '/usr/bin/chromium';

/** Why there is no VS Code to test in; undefined where there is one. */
export function editorMissing(): string | undefined {
  if (process.platform !== 'linux') return 'code-server is installed on Linux only';
  if (!fs.existsSync(codeServer)) return `${codeServer} is not there: bash scripts/setup.sh editor`;
  if (!fs.existsSync(chromiumPath)) return `${chromiumPath} is not there: bash scripts/setup.sh editor`;
  return undefined;
}

export interface ServerOptions {
  /** Extension that is installed first. */
  vsix?: string;
  /** Lets a page name the extension under development; hides toasts and dialogs. */
  testDriver?: boolean;
  /** Ask for workspace trust, as VS Code does by default. */
  workspaceTrust?: boolean;
  settings?: Record<string, unknown>;
  env?: Record<string, string>;
}

/** A server with a profile of its own, so that nothing is left from an earlier run. */
export class CodeServer {
  readonly port: number;
  readonly folder: string;
  readonly #child: ChildProcess;

  private constructor(port: number, folder: string, child: ChildProcess) {
    this.port = port;
    this.folder = folder;
    this.#child = child;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  static async start(options: ServerOptions = {}): Promise<CodeServer> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ecg-editor-'));
    const profile = path.join(folder, 'profile');
    const extensions = path.join(folder, 'extensions');
    fs.mkdirSync(path.join(profile, 'User'), { recursive: true });
    fs.mkdirSync(extensions);
    fs.writeFileSync(
      path.join(profile, 'User', 'settings.json'),
      JSON.stringify({ ...quietSettings, ...options.settings }),
    );
    const config = path.join(folder, 'config.yaml');
    fs.writeFileSync(config, '');
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      ...options.env,
      EXTENSIONS_GALLERY: '{"serviceUrl":""}',
      XDG_CONFIG_HOME: path.join(folder, 'config'),
    };
    const common = ['--config', config, '--user-data-dir', profile, '--extensions-dir', extensions];
    if (options.vsix) await install(options.vsix, common, env);
    const args = [
      codeServer,
      ...common,
      ...['--auth', 'none', '--bind-addr', '127.0.0.1:0', '--disable-telemetry', '--disable-update-check'],
      ...(options.workspaceTrust ? [] : ['--disable-workspace-trust']),
      '--disable-getting-started-override',
      ...(options.testDriver ? ['--vscode-option', 'enable-smoke-test-driver'] : []),
    ];
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const port = await listening(child);
    return new CodeServer(port, folder, child);
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#child.once('exit', () => resolve());
      // The whole group: extension hosts, language servers, compute processes.
      try {
        process.kill(-this.pid, 'SIGTERM');
      } catch {
        resolve();
      }
      setTimeout(() => {
        try {
          process.kill(-this.pid, 'SIGKILL');
        } catch {
          // All of it has ended.
        }
        resolve();
      }, 5000).unref();
    });
    fs.rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

const quietSettings = {
  'workbench.startupEditor': 'none',
  'chat.disableAIFeatures': true,
  'git.enabled': false,
  'extensions.autoCheckUpdates': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.tips.enabled': false,
  'telemetry.telemetryLevel': 'off',
};

function install(vsix: string, common: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [codeServer, ...common, '--install-extension', vsix], { env });
    let output = '';
    child.stdout.on('data', (data: Buffer) => (output += data.toString()));
    child.stderr.on('data', (data: Buffer) => (output += data.toString()));
    child.on('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`the extension was not installed:\n${output}`));
    });
  });
}

function listening(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let output = '';
    const read = (data: Buffer): void => {
      output += data.toString();
      const port = /listening on http:\/\/127\.0\.0\.1:(\d+)/i.exec(output)?.[1];
      if (port) resolve(Number(port));
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', (code) => reject(new Error(`code-server ended with ${code}:\n${output}`)));
  });
}

export async function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
  });
}

export async function newPage(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']).catch(() => {});
  return context.newPage();
}
