import * as vscode from 'vscode';
import { CancelledError } from '../common/errors.ts';
import type { Progress } from '../common/job.ts';
import type { JobName, Jobs } from '../protocol/compute.ts';
import type { ComputeClient } from './compute-client.ts';
import { DisposableStore } from './dispose.ts';
import type { Log } from './log.ts';

/** A job that runs now. */
export interface Job {
  readonly id: number;
  readonly name: JobName;
  /** For people: `Train slim`. */
  readonly title: string;
  /** Folder of its run, once that exists. */
  run: string | undefined;
  progress: Progress | undefined;
  secondsLeft: number | undefined;
  cancelling: boolean;
  cancel(): void;
}

export interface JobStart<N extends JobName> {
  name: N;
  title: string;
  inputs: Jobs[N]['inputs'];
  /** Set where the run exists already. */
  run?: string;
}

/** How a job ended; fired once for each. */
export interface JobEnd {
  job: Job;
  outcome: 'done' | 'failed' | 'cancelled';
}

/** The jobs of this window that run now. */
export class JobList implements vscode.Disposable {
  readonly #store = new DisposableStore();
  readonly #compute: ComputeClient;
  readonly #log: Log;
  readonly #jobs = new Map<number, Job>();
  readonly #changed = this.#store.add(new vscode.EventEmitter<Job>());
  readonly #started = this.#store.add(new vscode.EventEmitter<Job>());
  readonly #ended = this.#store.add(new vscode.EventEmitter<JobEnd>());
  readonly #runAppeared = this.#store.add(new vscode.EventEmitter<string>());
  /** Progress, or that it is being cancelled. */
  readonly onDidChange = this.#changed.event;
  readonly onDidStart = this.#started.event;
  readonly onDidEnd = this.#ended.event;
  /** A job has made its run folder. */
  readonly onRunAppeared = this.#runAppeared.event;
  #nextId = 1;

  constructor(compute: ComputeClient, log: Log) {
    this.#compute = compute;
    this.#log = log;
  }

  get running(): readonly Job[] {
    return [...this.#jobs.values()];
  }

  /** The job that writes this run now. */
  ofRun(folder: string): Job | undefined {
    return this.running.find((job) => job.run === folder);
  }

  /** Rejects as `ComputeClient.job` does. */
  async start<N extends JobName>({ name, title, inputs, run }: JobStart<N>): Promise<Jobs[N]['result']> {
    const cancellation = new vscode.CancellationTokenSource();
    const job: Job = {
      id: this.#nextId++,
      name,
      title,
      run,
      progress: undefined,
      secondsLeft: undefined,
      cancelling: false,
      cancel: () => {
        if (job.cancelling) return;
        job.cancelling = true;
        cancellation.cancel();
        this.#changed.fire(job);
      },
    };
    this.#jobs.set(job.id, job);
    this.#started.fire(job);
    this.#log.info(`${title}: started`);
    let outcome: JobEnd['outcome'] = 'failed';
    try {
      const result = await this.#compute.job(name, inputs, cancellation.token, {
        progress: ({ progress, secondsLeft }) => {
          job.progress = progress;
          job.secondsLeft = secondsLeft;
          this.#changed.fire(job);
        },
        log: (line) => this.#log.info(`${title}: ${line}`),
        runFolder: (folder) => {
          job.run = folder;
          this.#runAppeared.fire(folder);
          this.#changed.fire(job);
        },
      });
      outcome = 'done';
      return result;
    } catch (error) {
      if (error instanceof CancelledError) outcome = 'cancelled';
      throw error;
    } finally {
      this.#jobs.delete(job.id);
      cancellation.dispose();
      this.#log.info(`${title}: ${outcome}`);
      this.#ended.fire({ job, outcome });
    }
  }

  dispose(): void {
    this.#store.dispose();
  }
}
