import type { Progress } from '../common/job.ts';
import type { FailureData, JobName, QueryName } from '../protocol/compute.ts';

/** What a thread is asked to do. */
export interface ThreadRequest {
  id: number;
  kind: 'job' | 'query';
  name: JobName | QueryName;
  inputs: unknown;
  /** Shared memory of the job's Cancellation. */
  cancellation: SharedArrayBuffer;
}

/** What a thread tells of it. */
export type ThreadMessage =
  | { id: number; progress: Progress; secondsLeft: number | undefined }
  | { id: number; log: string }
  | { id: number; runFolder: string }
  | { id: number; result: unknown }
  | { id: number; failure: FailureData };
