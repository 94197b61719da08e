import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

/**
 * The folders in the order of the flow: a folder may import those before it (and itself), never those after it.
 * `restricted` makes the rule for one folder.
 */
const order = [
  'common',
  'recording',
  'dataset',
  'layers',
  'model',
  'signal',
  'engine',
  'tensorflow',
  'evaluation',
  'training',
  'quantization',
  'firmware',
  'jobs',
  'protocol',
  'language',
  'compute',
  'cli',
  'vscode',
];

function restricted(folder) {
  return forbid(folder, [`src/${folder}/**/*.ts`], order.slice(order.indexOf(folder) + 1));
}

function forbid(folder, files, later) {
  return {
    files,
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            ...(later.length > 0
              ? [
                  {
                    group: later.map((name) => `**/${name}/**`),
                    message: `${folder}/ must not know what comes after it in the flow.`,
                  },
                ]
              : []),
            ...(folder === 'vscode'
              ? []
              : [{ group: ['vscode'], message: 'Only src/vscode/ and src/extension.ts import vscode.' }]),
            ...(['engine', 'training', 'compute'].includes(folder)
              ? []
              : [
                  {
                    group: ['node:worker_threads'],
                    message: 'Threads live in engine/, training/ and compute/.',
                  },
                ]),
          ],
        },
      ],
    },
  };
}

export default tseslint.config(
  { ignores: ['dist/', 'out/', 'runs/', 'node_modules/', 'coverage/'] },
  eslint.configs.recommended,
  {
    files: ['src/**/*.ts', 'test/**/*.ts', 'webview/**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', name: ['it', 'describe', 'test'], package: 'node:test' },
          ],
        },
      ],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
    },
  },
  ...order.filter((folder) => folder !== 'layers').map(restricted),
  // A layer kind has one file for each reader: shapes for model/ (and so for the language server, which never loads the
  // engine), training bindings for engine/, fixed point and C emission for quantization/ and firmware/.
  forbid('layers', ['src/layers/**/*.ts'], ['engine', ...order.slice(order.indexOf('engine') + 1)]),
  forbid('layers', ['src/layers/**/*train*.ts'], order.slice(order.indexOf('engine') + 1)),
  forbid(
    'layers',
    ['src/layers/**/shape.ts', 'src/layers/{definition,shapes,pool,recurrent}.ts'],
    order.slice(order.indexOf('layers') + 1),
  ),
  {
    files: ['src/**/*.ts'],
    ignores: ['src/engine/load.ts', 'src/quantization/load-runtime.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        {
          name: 'WebAssembly',
          message: 'wasm is loaded in engine/load.ts and quantization/load-runtime.ts alone.',
        },
        { name: 'document', message: 'Only webview/ touches the DOM.' },
      ],
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['@tensorflow/*'],
              allowTypeImports: true,
              message: 'TensorFlow is loaded at run time, by tensorflow/load.ts.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['debug-adapter/**/*.js'],
    languageOptions: { sourceType: 'commonjs' },
  },
  {
    files: ['scripts/**/*.mjs', '*.js'],
    languageOptions: {
      globals: { process: 'readonly', console: 'readonly', performance: 'readonly', URL: 'readonly' },
    },
  },
);
