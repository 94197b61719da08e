import { yieldToEventLoop, type JobContext } from '../../common/job.ts';

/** Go over records with progress ten times a second, giving way to cancellation. */
export async function overRecords<T>(
  items: readonly T[],
  stage: string,
  context: JobContext,
  visit: (item: T, index: number) => void,
): Promise<void> {
  let last = 0;
  for (const [i, item] of items.entries()) {
    if (Date.now() - last > 100) {
      last = Date.now();
      context.cancellation.throwIfRequested();
      context.progress({ stage, done: i, total: items.length, unit: 'records' });
      await yieldToEventLoop();
    }
    visit(item, i);
  }
}
