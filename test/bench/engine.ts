// Time of a training step: 32 records of 28 windows, forward, backward and Adam. `node test/bench/engine.ts [NETWORK…]`
import * as os from 'node:os';
import { Engine } from '../../src/engine/engine.ts';
import { baseline, slim, teacher } from '../unit/engine/networks.ts';
import { records, trainingBatch, windows } from './train/batch.ts';

const seconds = Number(process.env.ECG_BENCH_SECONDS ?? 6);
const threads = Number(process.env.ECG_BENCH_THREADS ?? os.availableParallelism());

const chosen = process.argv.slice(2);
const networks = Object.entries({ slim, baseline, teacher }).filter(
  ([name]) => chosen.length === 0 || chosen.includes(name),
);

console.log(
  `${os.cpus()[0].model}, ${os.availableParallelism()} cores, ${threads} threads, Node ${process.version}`,
);
console.log(
  `${records} records x ${windows} windows; times in ms; GFLOP/s: nominal operations x 3 / fastest step`,
);
for (const [name, network] of networks) {
  const batch = trainingBatch(network);
  const engine = await Engine.create(network, { threads, seed: 1, training: true });
  const time = (work: () => void): number[] => {
    const times: number[] = [];
    // The first steps run in V8's baseline compiler.
    for (let warm = 0; warm < 3; warm++) work();
    for (const end = performance.now() + seconds * 1000; performance.now() < end;) {
      const start = performance.now();
      work();
      times.push(performance.now() - start);
    }
    return times.sort((a, b) => a - b);
  };
  const gflop = (network.operations * windows * records) / 1e9;
  const show = (what: string, times: number[], operations: number) => {
    const at = (q: number) => times[Math.floor(q * (times.length - 1))].toFixed(1);
    const rate = ((operations / times[0]) * 1000).toFixed(1);
    console.log(
      `${name.padEnd(9)} ${what.padEnd(8)} fastest ${at(0)}, median ${at(0.5)}, 90 % ${at(0.9)}, ` +
        `${times.length} times, ${rate} GFLOP/s`,
    );
  };
  if (name === networks[0][0]) console.log(engine.identity);
  show(
    'step',
    time(() => engine.trainBatch(batch, { learningRate: 1e-4 })),
    3 * gflop,
  );
  show(
    'predict',
    time(() => engine.predict(batch)),
    gflop,
  );
  await engine.close();
}
