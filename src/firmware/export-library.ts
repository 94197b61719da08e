import * as fs from 'node:fs';
import * as path from 'node:path';
import { UserError } from '../common/errors.ts';
import { writeFileAtomic } from '../common/files.ts';
import type { FrontEndCoefficients } from '../quantization/front-end-design.ts';
import type { IntegerNetwork } from '../quantization/integer-network.ts';
import { libraryReadme } from './library-readme.ts';
import { firmwareProject, type GenerateOptions } from './generate.ts';

/** Folders of a project that have nothing of a board in them. */
const folders = ['runtime/', 'network/', 'stream/'];

/**
 * Write a network as a C library for firmware that somebody has already: sources, one header to include (`ecg_model.h`), a CMake
 * target and a Zephyr module; no start-up code, no linker script, no registers. `folder` must be new or empty: nothing of
 * somebody else's is overwritten. Returns the paths of all files, relative to it.
 */
export function exportLibrary(
  network: IntegerNetwork,
  options: GenerateOptions & { frontEnd: FrontEndCoefficients },
  folder: string,
): string[] {
  if (fs.existsSync(folder) && (!fs.statSync(folder).isDirectory() || fs.readdirSync(folder).length > 0)) {
    throw new UserError('is there already, and not empty', { file: folder }, 'Name a new folder.');
  }
  const files = libraryFiles(network, options);
  for (const [name, content] of files) writeFileAtomic(path.join(folder, name), content);
  return [...files.keys()];
}

/** All files of the library by their path in it. Deterministic: the same network gives the same bytes. */
export function libraryFiles(
  network: IntegerNetwork,
  options: GenerateOptions & { frontEnd: FrontEndCoefficients },
): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const project = firmwareProject(network, options);
  for (const [name, content] of project.files) {
    if (folders.some((part) => name.startsWith(part))) files.set(name, content);
  }
  const sources = [...files.keys()].filter((name) => name.endsWith('.c')).sort();
  const put = (name: string, text: string): Map<string, Uint8Array> => files.set(name, Buffer.from(text));
  put('CMakeLists.txt', cmake(sources));
  put('zephyr/module.yml', zephyrModule);
  put('zephyr/CMakeLists.txt', zephyrCmake(sources));
  put('zephyr/Kconfig', kconfig);
  put('README.md', libraryReadme(project.device, options.frontEnd));
  return files;
}

const includes = ['runtime', 'runtime/arm', 'network', 'stream'];

function cmake(sources: readonly string[]): string {
  return `# A library target: add_subdirectory(THIS FOLDER), then target_link_libraries(YOURS PRIVATE ecg_model).
cmake_minimum_required(VERSION 3.13)
if(NOT DEFINED PROJECT_NAME)
  project(ecg_model C)
endif()

add_library(ecg_model STATIC
${sources.map((name) => `  ${name}`).join('\n')})
target_include_directories(ecg_model PUBLIC ${includes.join(' ')})
target_compile_features(ecg_model PUBLIC c_std_99)
# The figures in README.md are with these options.
include(\${CMAKE_CURRENT_LIST_DIR}/network/options.cmake)
target_compile_options(ecg_model PRIVATE \${ecg_network_options})
`;
}

const zephyrModule = `# For ZEPHYR_EXTRA_MODULES, or as a project of a west manifest.
name: ecg_model
build:
  cmake: zephyr
  kconfig: zephyr/Kconfig
`;

function zephyrCmake(sources: readonly string[]): string {
  return `if(CONFIG_ECG_MODEL)
  zephyr_library_named(ecg_model)
  zephyr_library_sources(
${sources.map((name) => `    ../${name}`).join('\n')})
  include(\${CMAKE_CURRENT_LIST_DIR}/../network/options.cmake)
  zephyr_library_compile_options(\${ecg_network_options})
  zephyr_include_directories(${includes.map((name) => `../${name}`).join(' ')})
endif()
`;
}

const kconfig = `config ECG_MODEL
	bool "ECG model made by ECG Studio"
	help
	  A trained network for ECG with its filter, in integers: ADC samples in,
	  a class after each window (ecg_model.h). Not a medical device.
`;
