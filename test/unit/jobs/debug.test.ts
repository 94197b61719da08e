import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { before, describe, it } from 'node:test';
import type { UserError } from '../../../src/common/errors.ts';
import { silentContext } from '../../../src/common/job.ts';
import { prepareDebugJob } from '../../../src/jobs/debug.ts';
import { trainTiny } from '../../fixtures/trained-run.ts';
import { temporaryFolder } from '../../fixtures/workspace.ts';

const folder = temporaryFolder();

describe('preparing a debug session', () => {
  let run = '';
  before(async () => {
    ({ run } = await trainTiny(folder));
  });

  it('names the layer that the network does not have and those that it has, and builds nothing', async () => {
    const asked = prepareDebugJob({ run, target: 'emulator', stopAt: 'conv9' }, silentContext());
    await assert.rejects(asked, (error: UserError) => {
      assert.match(error.message, /no layer `conv9`/);
      assert.equal(error.place.layer, 'conv9');
      for (const layer of ['main', 'conv1d-1', 'global-average-pool-1', 'gru-1', 'dense-1']) {
        assert.ok(error.advice.includes(layer), `${layer} in ${error.advice}`);
      }
      return true;
    });
    assert.ok(!fs.existsSync(path.join(run, 'firmware')));
  });

  it('of a folder that is no run is an error of the user that names it', async () => {
    const inputs = { run: path.join(folder, 'none'), target: 'emulator', stopAt: 'main' } as const;
    await assert.rejects(prepareDebugJob(inputs, silentContext()), (error: UserError) => {
      assert.ok(error.place.file?.startsWith(inputs.run), String(error.stack));
      return true;
    });
  });
});
