// `npm run bench:train`: a training step of the engine beside PyTorch's, interleaved on the same cores.
//   --network NAME   only that one; repeatable
//   --rounds N       rounds of all contenders, 6 by default
//   --json FILE      also as JSON
import * as fs from 'node:fs';
import * as os from 'node:os';
import { parseArgs } from 'node:util';
import { Engine } from '../../src/engine/engine.ts';
import type { InstructionSet } from '../../src/engine/choice.ts';
import { nativeInstructionSets } from '../../src/engine/load.ts';
import type { Network } from '../../src/model/network.ts';
import { relativeError } from '../unit/engine/helpers.ts';
import { baseline, residual, slim, teacher } from '../unit/engine/networks.ts';
import { records, trainingBatch, windows } from './train/batch.ts';
import { multiplyAddPeak } from './train/peak.ts';
import { Peer } from './train/peer.ts';

const { values: options } = parseArgs({
  options: {
    network: { type: 'string', multiple: true },
    rounds: { type: 'string', default: '6' },
    json: { type: 'string' },
  },
});
/** ms that each contender runs in a round, at least one step. */
const turn = 800;
/** Times the best PyTorch's time. */
const hopeless = 2;
const threads = os.availableParallelism();
const networks = Object.entries({ slim, baseline, teacher, residual }).filter(
  ([name]) => !options.network || options.network.includes(name),
);

interface Contender {
  name: string;
  /** One step; its ms. */
  step: () => Promise<number> | number;
  times: number[];
  /** GFLOP/s of multiply-adds in registers, with its vectors. */
  peak: number;
}

interface Row {
  msPerStep: number;
  gflops: number;
  shareOfPeak: number;
  ratioToBestPyTorch: number;
  contender: string;
}

/** The best first. */
const instructionSets: InstructionSet[] = [...nativeInstructionSets(), 'relaxed-simd', 'simd128'];
const peaks = new Map<InstructionSet, number>();

/** Loss and gradients of the engines on the weights of the first, beside PyTorch's in float64. */
async function compare(
  network: Network,
  batch: ReturnType<typeof trainingBatch>,
  engines: readonly Engine[],
  peer: Peer,
): Promise<void> {
  const weights = engines[0].weights();
  const { loss: exact, gradients: exactGradients } = await peer.check(network, weights, batch);
  console.log(`  loss by PyTorch in float64: ${exact.toFixed(7)}`);
  for (const engine of engines) {
    engine.setWeights(weights);
    const gradients = engine.gradients(batch);
    const all = (of: ReadonlyMap<string, ArrayLike<number>>): number[] =>
      [...exactGradients.keys()].flatMap((name) => Array.from(of.get(name)!));
    const error = relativeError(all(gradients), all(exactGradients));
    const loss = engine.trainBatch(batch, { learningRate: 0 }).loss / batch.length;
    console.log(
      `    ${engine.identity}: ${loss.toFixed(7)}, relative difference ${Math.abs(loss / exact - 1).toExponential(1)}; ` +
        `gradient's, in the Euclidean norm, ${error.toExponential(1)}`,
    );
  }
}

async function measure(name: string, network: Network, peer: Peer): Promise<Record<string, Row>> {
  const batch = trainingBatch(network);
  const engines: Engine[] = [];
  const contenders: Contender[] = [];
  for (const kernels of instructionSets) {
    const engine = await Engine.create(network, { threads, seed: 1, training: true, kernels });
    engines.push(engine);
    const step = (): number => {
      const start = performance.now();
      engine.trainBatch(batch, { learningRate: 1e-4 });
      return performance.now() - start;
    };
    const contender = engine.identity.split(' ').slice(0, 2).join(' ');
    contenders.push({ name: contender, step, times: [], peak: peaks.get(kernels)! });
  }
  const { names, version, configuration } = await peer.use(network, records, windows, threads);
  if (name === networks[0][0]) console.log(`PyTorch ${version}\n${configuration}`);
  await compare(network, batch, engines, peer);
  const peak = peaks.get(instructionSets[0])!;
  for (const contender of names) {
    contenders.push({ name: `PyTorch ${contender}`, step: () => peer.step(contender), times: [], peak });
  }
  const alone = new Map<Contender, number>();
  for (const contender of contenders) {
    const warm: number[] = [];
    for (let i = 0; i < 5; i++) warm.push(await contender.step());
    alone.set(contender, Math.min(...warm));
  }
  // A hopeless one would only push the others' data out of the caches.
  const ofPyTorch = contenders.filter(({ name: contender }) => contender.startsWith('PyTorch'));
  const bar = hopeless * Math.min(...ofPyTorch.map((c) => alone.get(c)!));
  for (const contender of ofPyTorch.filter((c) => alone.get(c)! > bar)) {
    contenders.splice(contenders.indexOf(contender), 1);
    console.log(`  left out: ${contender.name}, ${alone.get(contender)!.toFixed(0)} ms`);
  }
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const { step, times } of contenders) {
      await step();
      const end = performance.now() + turn;
      do times.push(await step());
      while (performance.now() < end);
    }
  }
  for (const engine of engines) await engine.close();

  const gflop = (3 * network.operations * windows * records) / 1e9;
  const least = ({ times }: Contender): number => Math.min(...times);
  const best = Math.min(...contenders.filter((c) => c.name.startsWith('PyTorch')).map(least));
  console.log(`${name}: ${gflop.toFixed(2)} nominal GFLOP a step`);
  const rows: Record<string, Row> = {};
  for (const contender of contenders) {
    const ms = least(contender);
    const sorted = [...contender.times].sort((a, b) => a - b);
    const median = sorted[sorted.length >> 1];
    const gflops = (gflop / ms) * 1000;
    const shareOfPeak = gflops / contender.peak;
    const row = { msPerStep: ms, gflops, shareOfPeak, ratioToBestPyTorch: ms / best };
    console.log(
      `  ${contender.name.padEnd(32)} ${ms.toFixed(1).padStart(7)} ms, median ${median.toFixed(1).padStart(7)}, ` +
        `${row.gflops.toFixed(0).padStart(4)} GFLOP/s, ${(100 * shareOfPeak).toFixed(0).padStart(3)} % of the peak, ` +
        `${row.ratioToBestPyTorch.toFixed(2)} x best PyTorch`,
    );
    const [kind] = contender.name.split(' ');
    // The first of a kind is its best.
    if (kind !== 'PyTorch') rows[kind] ??= { ...row, contender: contender.name };
  }
  return rows;
}

const [cpu] = os.cpus();
console.log(`${cpu.model}, ${threads} cores, Node ${process.version}, load ${os.loadavg()[0].toFixed(1)}`);
console.log(
  `one step: ${records} records x ${windows} windows, forward, backward, Adam; least of all rounds`,
);
for (const kernels of instructionSets) {
  peaks.set(kernels, await multiplyAddPeak(kernels, threads));
  console.log(`  peak of multiply-adds in registers, ${kernels}: ${peaks.get(kernels)!.toFixed(0)} GFLOP/s`);
}
console.log(
  'shares of the peak are nominal: Winograd does with fewer products; PyTorch is taken by the best peak',
);
const peer = Peer.start();
const result: Record<string, Record<string, Row>> = {};
try {
  for (const [name, network] of networks) result[name] = await measure(name, network, peer);
} finally {
  peer.close();
}
if (options.json) fs.writeFileSync(options.json, JSON.stringify({ networks: result }, null, 2) + '\n');
