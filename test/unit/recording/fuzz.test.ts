import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { after, describe, it } from 'node:test';
import { RandomStream } from '../../../src/common/random.ts';
import { runCampaign } from '../../fuzz/campaign.ts';
import { corpus } from '../../fuzz/corpus.ts';
import { kinds } from '../../fuzz/seed.ts';
import { tryInput } from '../../fuzz/try-input.ts';

/** `npm run fuzz` goes on where these end. */
const [seed, count] = [1, 3300];
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'ecg-corpus-'));
after(() => fs.rmSync(scratch, { recursive: true }));

describe('damaged files of recordings, annotations, archives and tables', () => {
  it('are read, or refused with file and reason: no crash, no hang, no memory for what a header claims', async () => {
    // Only what never ends is ended: how fast the machine is makes no difference.
    const { byKind, findings } = await runCampaign({ seed, first: 0, count, hang: 20_000 });
    assert.deepEqual(
      findings
        .slice(0, 10)
        .map(({ index, what }) => `node test/fuzz/run.ts --seed ${seed} --only ${index}: ${what}`),
      [],
    );
    assert.deepEqual(Object.keys(byKind), [...kinds]);
    for (const [kind, { tried, accepted, refused }] of Object.entries(byKind)) {
      assert.equal(tried, count / kinds.length);
      // Damage that is never seen, or always, would be a fuzz of nothing.
      assert.ok(accepted > 0 && (refused > 0 || kind === 'dataset'), `${kind}: ${accepted} and ${refused}`);
    }
  });
});

describe('the files that the fuzz damages', () => {
  for (const kind of kinds) {
    it(`of kind ${kind} are read, as long as they are whole`, async () => {
      for (const whole of corpus().filter((one) => one.kind === kind)) {
        const random = new RandomStream(seed, 'whole');
        const size = Object.values(whole.files).reduce((sum, { length }) => sum + length, 0);
        const input = { ...whole, files: { ...whole.files }, facts: whole.facts ?? {}, size, random };
        const refusal = await tryInput(input, scratch);
        assert.equal(refusal !== undefined, whole.refused ?? false, `${whole.title}: ${refusal?.describe()}`);
      }
    });
  }
});
