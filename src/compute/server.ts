import { ResponseError, type CancellationToken, type MessageConnection } from 'vscode-jsonrpc/node';
import { Cancellation } from '../common/job.ts';
import {
  computeMethods,
  type ConfigureParams,
  type FailureData,
  type JobRequest,
  type LogParams,
  type ProgressParams,
  type QueryRequest,
  type RunFolderParams,
} from '../protocol/compute.ts';
import { RunFolder } from '../training/run-folder.ts';
import { JobPriority } from './priority.ts';
import { ComputeThread, ThreadFailure } from './thread.ts';
import type { ThreadRequest } from './thread-protocol.ts';

/** JSON-RPC's range for errors of the application. */
const jobFailed = 1;

type NewThread = (use: ThreadRequest['kind']) => ComputeThread;

/** Answers the requests of the extension; every job has a thread of its own, all queries share one. */
export class ComputeServer {
  readonly #connection: MessageConnection;
  readonly #newThread: NewThread;
  readonly #running = new Set<{ cancellation: Cancellation; ended: Promise<unknown> }>();
  readonly #priority = new JobPriority();
  /** Started with the process, so that the first query finds it ready. */
  #queries: ComputeThread;
  #queryId = 0;

  constructor(connection: MessageConnection, newThread: NewThread = (use) => new ComputeThread(use)) {
    this.#connection = connection;
    this.#newThread = newThread;
    this.#queries = newThread('query');
    connection.onRequest(computeMethods.job, (request: JobRequest, token: CancellationToken) =>
      this.#job(request, token),
    );
    connection.onRequest(computeMethods.query, (request: QueryRequest) => this.#query(request));
    connection.onNotification(computeMethods.configure, ({ environment }: ConfigureParams) => {
      // Threads that start from now on inherit it.
      for (const [name, value] of Object.entries(environment)) {
        if (value === '') delete process.env[name];
        else process.env[name] = value;
      }
    });
    connection.listen();
  }

  /** Cancel all jobs and wait until each has ended, trainings with a checkpoint. */
  async stop(): Promise<void> {
    for (const { cancellation } of this.#running) cancellation.cancel();
    await Promise.allSettled([...this.#running].map(({ ended }) => ended));
    await this.#queries.close();
  }

  async #job({ id, name, inputs }: JobRequest, token: CancellationToken): Promise<unknown> {
    const cancellation = new Cancellation();
    if (token.isCancellationRequested) cancellation.cancel();
    token.onCancellationRequested(() => cancellation.cancel());
    const thread = this.#newThread('job');
    let run: string | undefined;
    const ended = thread.request({ id, kind: 'job', name, inputs }, cancellation, (message) => {
      if ('progress' in message) {
        this.#tell(computeMethods.progress, message satisfies ProgressParams);
      } else if ('log' in message) {
        this.#tell(computeMethods.log, { id, line: message.log } satisfies LogParams);
      } else {
        run = message.runFolder;
        this.#tell(computeMethods.run, { id, folder: run } satisfies RunFolderParams);
      }
    });
    const entry = { cancellation, ended };
    this.#running.add(entry);
    this.#priority.jobStarted();
    try {
      return await ended;
    } catch (error) {
      if (run !== undefined && thread.ended) markFailed(run, error);
      throw responseOf(error);
    } finally {
      this.#running.delete(entry);
      this.#priority.jobEnded();
      await thread.close();
    }
  }

  async #query({ name, inputs }: QueryRequest): Promise<unknown> {
    if (this.#queries.ended) this.#queries = this.#newThread('query');
    try {
      return await this.#queries.request(
        { id: ++this.#queryId, kind: 'query', name, inputs },
        new Cancellation(),
      );
    } catch (error) {
      throw responseOf(error);
    }
  }

  #tell(method: string, params: object): void {
    // Nobody listens any more once the parent has gone; the job goes on to its checkpoint.
    void this.#connection.sendNotification(method, params).catch(() => {});
  }
}

/** A thread that died could not say so itself in its run. */
function markFailed(folder: string, error: unknown): void {
  try {
    const run = RunFolder.open(folder);
    if (run.info.status === 'running')
      run.finish('failed', error instanceof Error ? error.message : String(error));
  } catch {
    // The run shows as damaged.
  }
}

function responseOf(error: unknown): ResponseError<FailureData> {
  const data: FailureData =
    error instanceof ThreadFailure
      ? error.data
      : { kind: 'defect', message: String(error), advice: '', place: {}, stack: (error as Error).stack };
  return new ResponseError(jobFailed, data.message, data);
}
