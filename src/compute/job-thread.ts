// Entry of the threads of the compute process: one for each job, and one that answers queries.
import { parentPort, workerData } from 'node:worker_threads';
import { Cancellation } from '../common/job.ts';
import type { JobName, QueryName } from '../protocol/compute.ts';
import { failureOf } from './failure.ts';
import { jobs, prepareQueries, queries, type ThreadContext } from './job-table.ts';
import { lowerThreadPriority } from './priority.ts';
import { ProgressReporter } from './reporter.ts';
import type { ThreadMessage, ThreadRequest } from './thread-protocol.ts';

if (!parentPort) throw new Error('job-thread runs as a thread of the compute process');
const port = parentPort;

function tell(message: ThreadMessage): void {
  port.postMessage(message);
}

async function answer({ id, kind, name, inputs, cancellation }: ThreadRequest): Promise<void> {
  const reporter = new ProgressReporter((progress, secondsLeft) => tell({ id, progress, secondsLeft }));
  const context: ThreadContext = {
    progress: (snapshot) => reporter.report(snapshot),
    log: (line) => tell({ id, log: line }),
    cancellation: new Cancellation(cancellation),
    runFolder: (folder) => tell({ id, runFolder: folder }),
  };
  try {
    const result =
      kind === 'job'
        ? await runJob(name as JobName, inputs, context)
        : await queries[name as QueryName](inputs as never);
    reporter.close();
    tell({ id, result });
  } catch (error) {
    reporter.close();
    tell({ id, failure: failureOf(error) });
  }
}

async function runJob<N extends JobName>(name: N, inputs: unknown, context: ThreadContext): Promise<unknown> {
  lowerThreadPriority();
  return await jobs[name](inputs as never, context);
}

if ((workerData as ThreadRequest['kind']) === 'query') void prepareQueries();
port.on('message', (request: ThreadRequest) => void answer(request));
