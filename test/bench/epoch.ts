// `npm run bench:epoch`: what stands around the steps of a training, on the recordings of ECG_DATA_DIR.
// Import (labels, hashes, split) and preprocessing with an empty cache, then epochs of slim with its augmentation against
// the sum of their steps alone.
//   --epochs N   3 by default
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { silentContext } from '../../src/common/job.ts';
import { openDataset } from '../../src/dataset/dataset.ts';
import { Engine } from '../../src/engine/engine.ts';
import { findRecordings } from '../../src/jobs/demo-data.ts';
import { loadTrainingData, startAugmenter } from '../../src/jobs/training-data.ts';
import { loadModel } from '../../src/model/parse.ts';
import { windowCount } from '../../src/signal/windows.ts';
import { planBatches } from '../../src/training/batches.ts';

const { values: options } = parseArgs({ options: { epochs: { type: 'string', default: '3' } } });
const threads = os.availableParallelism();
const data = findRecordings();
if (!data) throw new Error('no recordings: set ECG_DATA_DIR');
const model = path.resolve(import.meta.dirname, '..', '..', 'media', 'zoo', 'slim.ecgmodel.yaml');
const network = loadModel(model);
const seed = 1;

process.env.ECG_CACHE_DIR = fs.mkdtempSync(path.join(os.tmpdir(), 'ecg-bench-epoch-'));
try {
  console.log(
    `${os.cpus()[0].model}, ${threads} cores, Node ${process.version}, load ${os.loadavg()[0].toFixed(1)}`,
  );
  const context = silentContext();
  let started = performance.now();
  const since = (): string => ((performance.now() - started) / 1000).toFixed(1);
  const dataset = await openDataset(data, context);
  console.log(`import: ${dataset.records.length} records, ${since()} s`);
  started = performance.now();
  const loaded = await loadTrainingData(dataset, network, undefined, context);
  console.log(
    `preprocess: ${loaded.training.length + loaded.validation.length} records, empty cache, ${since()} s`,
  );

  const engine = await Engine.create(network, { threads, seed, training: true });
  const augmentation = await startAugmenter(loaded, network, { seed, threads });
  if (!augmentation) throw new Error('slim has no augmentation');
  const { augmenter } = augmentation;
  console.log(engine.identity);
  for (let epoch = 0; epoch < Number(options.epochs); epoch++) {
    started = performance.now();
    const windows = augmenter.lengths(epoch).map((samples) => windowCount(samples, network.input));
    const batches = planBatches(windows, network.training.batch, seed, epoch);
    augmenter.begin(epoch, batches);
    let steps = 0;
    for (const members of batches) {
      const changed = await augmenter.next();
      const records = members.map((i, m) => ({ ...loaded.training[i], signal: changed[m] }));
      const before = performance.now();
      engine.trainBatch(records, { learningRate: 1e-4 });
      steps += performance.now() - before;
    }
    const whole = performance.now() - started;
    console.log(
      `epoch ${epoch + 1}: ${batches.length} steps of ${(steps / batches.length).toFixed(1)} ms, ` +
        `the epoch ${(whole / 1000).toFixed(2)} s: ${(whole / steps).toFixed(2)} x its steps`,
    );
  }
  await augmenter.close();
  await engine.close();
  dataset.close();
} finally {
  fs.rmSync(process.env.ECG_CACHE_DIR, { recursive: true, force: true });
}
