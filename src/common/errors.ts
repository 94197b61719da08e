/** Where in the user's material an error is: shown as `file:line`, `record A00001`, `layer conv3`. */
export interface ErrorPlace {
  file?: string;
  /** 1-based. */
  line?: number;
  /** 1-based. */
  column?: number;
  record?: string;
  layer?: string;
}

/**
 * An error that the user can act on: what happened, where, and what to do.
 * Anything that is not a UserError is a defect of ECG Studio and is shown with its stack.
 */
export class UserError extends Error {
  readonly place: ErrorPlace;
  readonly advice: string;

  constructor(what: string, place: ErrorPlace = {}, advice = '') {
    super(what);
    this.name = 'UserError';
    this.place = place;
    this.advice = advice;
  }

  /** One paragraph: `FILE:LINE: record R: what happened. What to do.` */
  describe(): string {
    const { file, line, column, record, layer } = this.place;
    const at: string[] = [];
    if (file) at.push(file + (line ? `:${line}` : '') + (line && column ? `:${column}` : ''));
    if (record) at.push(`record ${record}`);
    if (layer) at.push(`layer ${layer}`);
    const where = at.length > 0 ? at.join(': ') + ': ' : '';
    return where + this.message + (this.advice ? `\n${this.advice}` : '');
  }
}

/** A tool that a step needs is not on this machine. The demo ends with exit code 3 on it. */
export class MissingToolError extends UserError {
  readonly tool: string;
  constructor(tool: string, advice: string) {
    super(`${tool} was not found`, {}, advice);
    this.name = 'MissingToolError';
    this.tool = tool;
  }
}

/** The job was cancelled by the user. */
export class CancelledError extends Error {
  constructor(message = 'cancelled') {
    super(message);
    this.name = 'CancelledError';
  }
}

/** Text of anything thrown, for people. */
export function describeError(error: unknown): string {
  if (error instanceof UserError) return error.describe();
  if (error instanceof Error) return error.message;
  return String(error);
}

/** The same in one line, for tables. */
export function describeInLine(error: unknown): string {
  return describeError(error).replaceAll(/\.?\s*\n\s*/g, '. ');
}
