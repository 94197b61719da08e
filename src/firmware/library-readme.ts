import { notAMedicalDevice } from '../common/product.ts';
import { bytesText } from '../model/units.ts';
import type { FrontEndCoefficients } from '../quantization/front-end-design.ts';
import { constantBytes, isPackedBlock, type DeviceNetwork } from './device-network.ts';

/** README.md of an exported library. */
export function libraryReadme(network: DeviceNetwork, frontEnd: FrontEndCoefficients): string {
  const { adcRate, decimation, countsPerMillivolt } = frontEnd;
  const { name, classes, window, hop, rate, memoryBytes, hash } = network;
  const constants = network.blocks.reduce((bytes, block) => bytes + constantBytes(block), 0);
  return `# ${name}: a network for ECG as a C library

Made by ECG Studio. ${notAMedicalDevice}

\`\`\`c
#include "ecg_model.h"

static void on_result(const ecg_result *result, void *context) {
  /* result->best: ${classes.map((label, i) => `${i} ${label}`).join(', ')} */
}

ecg_model_reset();
/* Again and again, from the converter's interrupt or a thread of its own: */
ecg_model_push(samples, count, on_result, NULL);
\`\`\`

- Samples are int16 from an ADC at **${adcRate} Hz**, ${Number(countsPerMillivolt.toPrecision(6))} counts a millivolt at the electrodes. The library filters, decimates by ${decimation} and scales them as in training.
- A result comes every ${hop} samples of ${rate} Hz (${(hop / rate).toFixed(2)} s), over a window of ${window} (${(window / rate).toFixed(2)} s).
- ${bytesText(constants)} of weights, biases and shifts in flash; ${memoryBytes} bytes of state and arena in RAM, beside the front end's. No heap. The stack takes some hundred bytes.
- ${compilers(network)}
- Not to be called from two threads at a time.

CMake: \`add_subdirectory(this folder)\`, then \`target_link_libraries(yours PRIVATE ecg_model)\`.

Zephyr: \`-DZEPHYR_EXTRA_MODULES=/path/to/this/folder\` and \`CONFIG_ECG_MODEL=y\`. The module was not built with Zephyr here.

Network ${hash}.
`;
}

function compilers({ blocks }: DeviceNetwork): string {
  const portable = "C99 for any compiler that has two's complement and an arithmetic right shift";
  return blocks.some(isPackedBlock)
    ? `For gcc and an Arm core with the DSP extension (Cortex-M4, M7, M33). Exported with \`--kernels portable\` it is ${portable}.`
    : `${portable}.`;
}
