import { fork, type ChildProcess } from 'node:child_process';
import * as path from 'node:path';
import * as vscode from 'vscode';
import {
  createMessageConnection,
  IPCMessageReader,
  IPCMessageWriter,
  ResponseError,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import { CancelledError, MissingToolError, UserError } from '../common/errors.ts';
import { productRoot } from '../common/product.ts';
import {
  computeMethods,
  type ConfigureParams,
  type FailureData,
  type JobName,
  type Jobs,
  type LogParams,
  type ProgressParams,
  type Queries,
  type QueryName,
  type RunFolderParams,
} from '../protocol/compute.ts';
import { MissingFactError } from '../recording/facts.ts';
import { DisposableStore } from './dispose.ts';
import type { Log } from './log.ts';

/** What a running job tells. */
export interface JobListener {
  progress(params: ProgressParams): void;
  log(line: string): void;
  runFolder(folder: string): void;
}

/** The compute process ended while something was asked of it. */
export class ComputeDiedError extends Error {
  constructor(reason: string) {
    super(`the compute process ended (${reason})`);
    this.name = 'ComputeDiedError';
  }
}

/** A defect of ECG Studio in the compute process, with the stack there. */
export class DefectError extends Error {
  constructor({ message, stack }: FailureData) {
    super(message);
    this.name = 'DefectError';
    if (stack) this.stack = stack;
  }
}

/** The chip is locked and nobody has said yes to erasing it. */
export class LockedError extends UserError {}

/** A build is done, and the network is larger than it may be. */
export class OverBudgetError extends UserError {}

export interface ProcessDeath {
  reason: string;
  /** The last lines that it wrote to stderr. */
  tail: string;
}

const tailLength = 8000;

interface Running {
  child: ChildProcess;
  connection: MessageConnection;
  tail: string;
}

/**
 * The compute process: started with `prepare` or the first request, and again with the next one after it has died. It is forked with
 * Electron as plain Node; it ends by itself when this process does.
 */
export class ComputeClient implements vscode.Disposable {
  readonly #store = new DisposableStore();
  readonly #log: Log;
  readonly #environment: () => Record<string, string>;
  readonly #listeners = new Map<number, JobListener>();
  readonly #died = this.#store.add(new vscode.EventEmitter<ProcessDeath>());
  readonly onDied = this.#died.event;
  #running: Running | undefined;
  #nextId = 1;
  #stopping = false;

  /** @param environment variables that jobs get: paths of tools; asked for before each job */
  constructor(log: Log, environment: () => Record<string, string>) {
    this.#log = log;
    this.#environment = environment;
  }

  /** Process id while it runs; for tests that kill it. */
  get pid(): number | undefined {
    return this.#running?.child.pid;
  }

  /** Run a job. Rejects with CancelledError, UserError, DefectError or ComputeDiedError. */
  async job<N extends JobName>(
    name: N,
    inputs: Jobs[N]['inputs'],
    token: vscode.CancellationToken,
    listener: JobListener,
  ): Promise<Jobs[N]['result']> {
    const id = this.#nextId++;
    this.#listeners.set(id, listener);
    try {
      await this.#configure();
      return await this.#request<Jobs[N]['result']>(computeMethods.job, { id, name, inputs }, token);
    } finally {
      this.#listeners.delete(id);
    }
  }

  /** Start the process if it does not run: something will be asked soon. */
  prepare(): void {
    this.#running ??= this.#start();
  }

  query<N extends QueryName>(name: N, inputs: Queries[N]['inputs']): Promise<Queries[N]['result']> {
    return this.#request<Queries[N]['result']>(computeMethods.query, { name, inputs });
  }

  dispose(): void {
    this.#stopping = true;
    // Its end of the channel closes: it stops its jobs at a batch, with checkpoints, and ends.
    this.#running?.connection.dispose();
    if (this.#running?.child.connected) this.#running.child.disconnect();
    this.#store.dispose();
  }

  /** Settings may have changed since the process was started. */
  async #configure(): Promise<void> {
    const params: ConfigureParams = { environment: this.#environment() };
    await this.#running?.connection.sendNotification(computeMethods.configure, params).catch(() => {});
  }

  async #request<R>(method: string, params: object, token?: vscode.CancellationToken): Promise<R> {
    const running = (this.#running ??= this.#start());
    try {
      return await (token
        ? running.connection.sendRequest<R>(method, params, token)
        : running.connection.sendRequest<R>(method, params));
    } catch (error) {
      throw this.#errorOf(error, running);
    }
  }

  #start(): Running {
    const entry = path.join(productRoot, 'dist', 'compute.js');
    const child = fork(entry, [], {
      execPath: process.execPath,
      execArgv: [],
      env: { ...process.env, ...this.#environment(), ELECTRON_RUN_AS_NODE: '1' },
      serialization: 'advanced',
      // A session of its own, whose priority `JobPriority` sets. Elsewhere it would open a console window.
      detached: process.platform === 'linux',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const connection = createMessageConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
    const running: Running = { child, connection, tail: '' };
    const keep = (data: Buffer): void => {
      running.tail = (running.tail + data.toString('utf8')).slice(-tailLength);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.on('error', (error) => this.#ended(running, error.message));
    child.on('exit', (code, signal) => this.#ended(running, signal ?? `code ${code}`));
    connection.onNotification(computeMethods.progress, (params: ProgressParams) =>
      this.#listeners.get(params.id)?.progress(params),
    );
    connection.onNotification(computeMethods.log, ({ id, line }: LogParams) =>
      this.#listeners.get(id)?.log(line),
    );
    connection.onNotification(computeMethods.run, ({ id, folder }: RunFolderParams) =>
      this.#listeners.get(id)?.runFolder(folder),
    );
    connection.onError(([error]) => this.#log.warn(`compute process: ${error.message}`));
    connection.listen();
    this.#log.info(`compute process ${child.pid} started`);
    return running;
  }

  #ended(running: Running, reason: string): void {
    if (this.#running !== running) return;
    this.#running = undefined;
    running.connection.dispose();
    if (this.#stopping) return;
    this.#log.error(`compute process ${running.child.pid} ended: ${reason}\n${running.tail}`);
    this.#died.fire({ reason, tail: running.tail });
    // An idle one is ready for whatever the user does next. One that dies at once is not started over and over: the next
    // request does it.
    if (running.child.exitCode === null) this.#running = this.#start();
  }

  #errorOf(error: unknown, running: Running): Error {
    if (error instanceof ResponseError && error.data !== undefined)
      return fromFailure(error.data as FailureData);
    const { child } = running;
    if (this.#running !== running || child.exitCode !== null || child.signalCode !== null) {
      return new ComputeDiedError(child.signalCode ?? `code ${child.exitCode}`);
    }
    return error instanceof Error ? error : new Error(String(error));
  }
}

function fromFailure(data: FailureData): Error {
  const { kind, message, advice, place } = data;
  switch (kind) {
    case 'cancelled':
      return new CancelledError(message);
    case 'user':
      return new UserError(message, place, advice);
    case 'missing-fact':
      return new MissingFactError(data.fact ?? 'rate', place.file ?? '', message);
    case 'locked-chip':
      return new LockedError(message, place, advice);
    case 'over-budget':
      return new OverBudgetError(message, place, advice);
    case 'missing-tool':
      return new MissingToolError(data.tool ?? message, advice);
    case 'defect':
      return new DefectError(data);
  }
}
