import type { Studio } from '../studio.ts';
import type { PageName } from './page.ts';
import { SubjectPanels, type SubjectPage } from './subject-panels.ts';

export type RunPage = SubjectPage;

/** Panels that each show one run. */
export abstract class RunPanels<P extends RunPage> extends SubjectPanels<P> {
  constructor(studio: Studio, viewType: string, page: PageName) {
    super(studio, { viewType, page, stateKey: 'run' });
    this.store.add(studio.runs.onDidChange(() => this.refreshAll()));
  }

  protected override async isThere(run: string): Promise<boolean> {
    return (await this.studio.runs.find(run)) !== undefined;
  }
}
