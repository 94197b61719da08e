import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Evaluation } from '../../../src/jobs/evaluate.ts';
import type { QuantizeResult } from '../../../src/jobs/quantize.ts';
import type { ComparisonResult } from '../../../src/protocol/compute.ts';
import { commandIds } from '../../../src/vscode/ids.ts';
import { answering, findRun, run, studioApi, until } from '../studio.ts';

describe('evaluation', () => {
  it('evaluates on the test split, keeps the report and shows the matrix', async () => {
    const { studio } = await studioApi();
    const folder = await findRun(await studioApi(), 'tiny');
    const result = await run<Evaluation>(commandIds.evaluate, folder);
    assert.equal(result.dataset.split, 'test');
    assert.equal(result.arithmetic, 'float32');
    for (const name of ['report.md', 'report.json', 'predictions.csv']) {
      assert.ok(fs.existsSync(path.join(folder, name)), name);
    }
    assert.ok(studio.panels.evaluation.shown.includes(folder));
    const shown = await run<string>(commandIds.openReport, folder);
    assert.equal(shown, path.join(folder, 'report.md'));
  });

  it('quantises and evaluates as on the device, beside the other report', async () => {
    const folder = await findRun(await studioApi(), 'tiny');
    const quantized = await run<QuantizeResult>(commandIds.quantize, folder);
    assert.ok(quantized.weightBytes > 0);
    const result = await run<Evaluation>(commandIds.evaluateInteger, folder);
    assert.equal(result.arithmetic, 'integer');
    assert.ok(fs.existsSync(path.join(folder, 'quantized', 'report.json')));
    const float = JSON.parse(fs.readFileSync(path.join(folder, 'report.json'), 'utf8')) as Evaluation;
    assert.equal(float.arithmetic, 'float32');
  });

  it('shows the F1 of the evaluation in the tree', async () => {
    const { views, studio } = await studioApi();
    const folder = await findRun(await studioApi(), 'tiny');
    const node = (await views.runs.getChildren()).find((n) => n.kind === 'run' && n.run.folder === folder);
    assert.ok(node);
    const item = views.runs.getTreeItem(node);
    assert.match(String(item.description), /\(test\)/);
    assert.match(item.contextValue ?? '', /\bevaluated\b/);
    const facts = await views.runs.getChildren(node);
    assert.ok(facts.some((fact) => fact.kind === 'fact' && fact.label === 'As on the device'));
    const shown = await run<string>(commandIds.showEvaluation, node, 'integer');
    assert.equal(shown, folder);
    assert.equal(await run<string>(commandIds.showCurves, node), folder);
    assert.ok(studio.panels.training.shown.includes(folder));
  });

  it('compares two runs', async () => {
    const picks: string[] = [];
    const { result } = await answering(
      'showQuickPick',
      async (items) => {
        const list = (await items) as { label: string }[];
        const next = list.find((item) => item.label === (picks.length === 0 ? 'tiny' : 'steady'));
        picks.push(next?.label ?? 'nothing');
        return next;
      },
      () => run<ComparisonResult>(commandIds.compare),
    );
    assert.deepEqual(picks, ['tiny', 'steady']);
    assert.ok(result.pValue >= 0 && result.pValue <= 1);
    await until('the comparison is shown', () =>
      /McNemar/.test(vscode.window.activeTextEditor?.document.getText() ?? ''),
    );
    await run('workbench.action.closeAllEditors');
  });
});
