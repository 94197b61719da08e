/**
 * The sigmoid and tanh tables of the runtime: 257 entries t[i] = round(32768 f(-8 + i / 16)), clipped to 32767, over
 * the Q3.12 arguments from -8 to 8. `runtime/ecg_tables.c` is this file's output; a test compares them.
 */
const entries = 257;

function table(f: (x: number) => number): number[] {
  return Array.from({ length: entries }, (_, i) => {
    const value = Math.floor(32768 * f(-8 + i / 16) + 0.5);
    return Math.min(32767, value);
  });
}

export const sigmoidTable = table((x) => 1 / (1 + Math.exp(-x)));
export const tanhTable = table(Math.tanh);

function definition(name: string, values: readonly number[]): string {
  const lines: string[] = [];
  for (let i = 0; i < values.length; i += 12) lines.push('    ' + values.slice(i, i + 12).join(', '));
  return `const int16_t ${name}[ECG_TABLE_SIZE] = {\n${lines.join(',\n')},\n};\n`;
}

/** The C source of both tables. */
export function activationTablesSource(): string {
  return [
    '/* Made by src/firmware/activation-tables.ts: Q0.15 values of the Q3.12 arguments -8, -8 + 1/16, ... 8. */',
    '#include "ecg_gate.h"',
    '',
    definition('ecg_sigmoid_table', sigmoidTable),
    definition('ecg_tanh_table', tanhTable),
  ].join('\n');
}
