import * as path from 'node:path';
import * as vscode from 'vscode';
import { CancelledError, UserError } from '../common/errors.ts';
import { MissingFactError, type Facts } from '../recording/facts.ts';

/**
 * Do something with recordings; what their files do not say the user is asked for, and it is done again. Throws CancelledError
 * where nobody says it.
 */
export async function withFacts<T>(
  known: Facts,
  attempt: (facts: Facts) => Promise<T>,
): Promise<{ result: T; facts: Facts }> {
  let facts = known;
  for (;;) {
    try {
      return { result: await attempt(facts), facts };
    } catch (error) {
      if (!(error instanceof MissingFactError) || facts[error.fact] !== undefined) throw error;
      facts = { ...facts, ...(await askFact(error)) };
    }
  }
}

async function askFact(error: MissingFactError): Promise<Facts> {
  const why = `${path.basename(error.place.file ?? 'The file')}: ${error.message}`;
  const fact = error.fact === 'rate' ? await askRate(why) : await askUnits(why);
  if (!fact) throw new CancelledError(`${why}, and nobody has said it.`);
  return fact;
}

async function askRate(why: string): Promise<Facts | undefined> {
  const typed = await vscode.window.showInputBox({
    title: why,
    prompt: 'Samples a second (Hz)',
    placeHolder: '250',
    ignoreFocusOut: true,
    validateInput: (text) => (isRate(text) ? undefined : 'A number above 0: samples a second.'),
  });
  return typed === undefined || !isRate(typed) ? undefined : { rate: Number(typed) };
}

/** As the schema of dataset files has it. */
function isRate(text: string): boolean {
  const rate = Number(text);
  return text.trim() !== '' && rate > 0 && rate <= 1e6;
}

async function askUnits(why: string): Promise<Facts | undefined> {
  const voltages = [
    { label: 'mV', description: 'an R wave is about 1 high' },
    { label: 'uV', description: 'an R wave is about 1000 high' },
    { label: 'V', description: 'an R wave is about 0.001 high' },
  ];
  const chosen = await vscode.window.showQuickPick(voltages, {
    title: why,
    placeHolder: 'What its numbers are',
    ignoreFocusOut: true,
  });
  return chosen && { units: chosen.label };
}

/** What the user has said of files that are opened by themselves: each is asked for once in a workspace. */
export class FileFacts {
  readonly #kept: vscode.Memento;

  constructor(kept: vscode.Memento) {
    this.#kept = kept;
  }

  /** Empty where nothing was said. */
  of(file: string): Facts {
    return this.#kept.get<Facts>(keyOf(file), {});
  }

  async keep(file: string, facts: Facts): Promise<void> {
    const none = Object.keys(facts).length === 0;
    await this.#kept.update(keyOf(file), none ? undefined : facts);
  }

  /** As `withFacts`; answers are kept. What was said of a file that has changed since is asked for anew. */
  async with<T>(file: string, attempt: (facts: Facts) => Promise<T>): Promise<T> {
    const before = this.of(file);
    try {
      const { result, facts } = await withFacts(before, attempt);
      if (facts !== before) await this.keep(file, facts);
      return result;
    } catch (error) {
      if (!(error instanceof UserError) || Object.keys(before).length === 0) throw error;
      await this.keep(file, {});
      return this.with(file, attempt);
    }
  }
}

function keyOf(file: string): string {
  return `ecg.facts:${file}`;
}
