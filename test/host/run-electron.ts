// `npm run test:electron`: the host suite in a desktop VS Code, for machines that can download one.
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { runTests } from '@vscode/test-electron';
import { repository } from '../editor/code-server.ts';
import { bundleForHost } from '../editor/extension-host.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ecg-electron-'));
const workspace = path.join(folder, 'workspace');
fs.mkdirSync(workspace);
try {
  await runTests({
    extensionDevelopmentPath: repository,
    extensionTestsPath: await bundleForHost('test/host/index.ts', 'host'),
    extensionTestsEnv: {
      ECG_HOST_WORKSPACE: workspace,
      ECG_HOST_RESULTS: path.join(folder, 'results.json'),
      ECG_CACHE_DIR: path.join(folder, 'cache'),
    },
    launchArgs: [workspace, '--disable-extensions', '--disable-workspace-trust'],
  });
} finally {
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
