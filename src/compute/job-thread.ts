// Entry of the threads of the compute process: one for each job, and one that answers queries.
import { parentPort, workerData } from 'node:worker_threads';
import { Cancellation } from '../common/job.ts';
import type { JobName, Queries, QueryName } from '../protocol/compute.ts';
import { failureOf } from './failure.ts';
import type { ThreadContext } from './job-table.ts';
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
        : await runQuery(name as QueryName, inputs);
    reporter.close();
    tell({ id, result });
  } catch (error) {
    reporter.close();
    tell({ id, failure: failureOf(error) });
  }
}

async function runJob<N extends JobName>(name: N, inputs: unknown, context: ThreadContext): Promise<unknown> {
  lowerThreadPriority();
  const { jobs } = await import('./job-table.ts');
  return await jobs[name](inputs as never, context);
}

/** Lists, which the first view shows, wait for nothing else to load. */
async function runQuery(name: QueryName, inputs: unknown): Promise<unknown> {
  if (name === 'listRecords') {
    const { listRecords } = await import('../jobs/list-records.ts');
    return listRecords((inputs as Queries['listRecords']['inputs']).data);
  }
  const { queries } = await import('./job-table.ts');
  return queries[name](inputs as never);
}

async function prepareLists(): Promise<void> {
  await import('../jobs/list-records.ts');
  const { prepareDatasetFiles } = await import('../dataset/dataset-file.ts');
  prepareDatasetFiles();
}

if ((workerData as ThreadRequest['kind']) === 'query') void prepareLists();
port.on('message', (request: ThreadRequest) => void answer(request));
