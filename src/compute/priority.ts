import * as fs from 'node:fs';
import * as os from 'node:os';

const { PRIORITY_NORMAL, PRIORITY_BELOW_NORMAL } = os.constants.priority;

/**
 * Jobs give way to typing: while any runs, its process or thread has a priority below normal. Queries, which somebody waits
 * for, keep theirs where the system can tell threads apart.
 *
 * Linux with autogroups (sched(7)) compares priorities within a session only and shares the cores evenly between sessions:
 * the client starts the compute process in a session of its own there, and the session's own priority is set.
 */
export class JobPriority {
  readonly #set: (priority: number) => void;
  #jobs = 0;

  constructor(set: (priority: number) => void = setPriority) {
    this.#set = set;
  }

  jobStarted(): void {
    if (++this.#jobs === 1) this.#set(PRIORITY_BELOW_NORMAL);
  }

  jobEnded(): void {
    if (--this.#jobs === 0) this.#set(PRIORITY_NORMAL);
  }
}

/** Of the calling thread, and of all that it starts: on Linux a priority belongs to a thread. */
export function lowerThreadPriority(): void {
  if (process.platform === 'linux') attempt(() => os.setPriority(PRIORITY_BELOW_NORMAL));
}

function setPriority(priority: number): void {
  if (process.platform === 'linux') attempt(() => fs.writeFileSync('/proc/self/autogroup', String(priority)));
  // macOS lets nobody but root raise it again: it stays low then.
  else attempt(() => os.setPriority(priority));
}

/** Where it is not allowed, everything is as it was. */
function attempt(set: () => void): void {
  try {
    set();
  } catch {
    // A kernel without autogroups, or the system's own limits.
  }
}
