/**
 * Classes of beats for reporting: ANSI/AAMI EC57:2012, assigned to the symbols of the MIT-BIH database as in P. de Chazal et
 * al., "Automatic classification of heartbeats using ECG morphology and heartbeat interval features", IEEE Trans. Biomed.
 * Eng. 51(7), 2004, table I. That table has not all beats: `B`, `n`, `r` and `?` go where EC57's definitions put them.
 */
export type BeatClass = 'N' | 'S' | 'V' | 'F' | 'Q';

const symbolsOfClass: Readonly<Record<BeatClass, string>> = {
  // Any beat that is none of the others: normal, bundle branch block, escape from above the ventricles.
  N: 'NLRBejn',
  // Premature and from above the ventricles.
  S: 'AaJS',
  V: 'VEr',
  F: 'F',
  // Paced, fusion of paced and normal, not classified.
  Q: '/fQ?',
};

const classOfSymbol = new Map(
  (Object.keys(symbolsOfClass) as BeatClass[]).flatMap((name) =>
    [...symbolsOfClass[name]].map((symbol) => [symbol, name] as const),
  ),
);

/** The class of a beat; undefined of what is no beat. */
export function beatClass(symbol: string): BeatClass | undefined {
  return classOfSymbol.get(symbol);
}

/** Whether an annotation is a beat. Waves of ventricular flutter (`!`) are none: EC57 leaves flutter out. */
export function isBeat(symbol: string): boolean {
  return classOfSymbol.has(symbol);
}
