import * as vscode from 'vscode';
import { CancelledError, describeInLine } from '../../common/errors.ts';
import type { SerialPortInfo } from '../../firmware/serial-port.ts';
import type { Studio } from '../studio.ts';

type PortItem = vscode.QuickPickItem & ({ port: string } | { port?: undefined; look: boolean });

/** The port that was used last in this folder: nobody types one twice. */
const lastPortKey = 'serialPort';

/** Ask which serial port a board is behind. Throws CancelledError where the user does not say. */
export async function pickSerialPort(studio: Studio): Promise<string> {
  const { workspaceState } = studio.context;
  const last = workspaceState.get<string>(lastPortKey);
  for (;;) {
    const chosen = await vscode.window.showQuickPick(portItems(studio, last), {
      title: 'Verify on Board',
      placeHolder: 'Serial port that the board is behind',
      matchOnDescription: true,
    });
    if (!chosen) throw new CancelledError();
    if (chosen.port === undefined && chosen.look) continue;
    const port = chosen.port ?? (await enterPort(last));
    await workspaceState.update(lastPortKey, port);
    return port;
  }
}

/** The ports that there are, or what to do where there is none; the last one used first, then those that say who made them. */
async function portItems(studio: Studio, last: string | undefined): Promise<PortItem[]> {
  let ports: SerialPortInfo[] = [];
  let missing =
    'No serial port was found. Plug the board in by a cable that carries data, and give it a moment.';
  try {
    ports = await studio.jobs.start({ name: 'serialPorts', title: 'List serial ports', inputs: {} });
  } catch (error) {
    if (error instanceof CancelledError) throw error;
    missing = describeInLine(error);
    studio.log.warn(missing);
  }
  const rank = ({ path, manufacturer, serialNumber }: SerialPortInfo): number =>
    path === last ? 0 : manufacturer !== undefined || serialNumber !== undefined ? 1 : 2;
  const found = [...ports]
    .sort((a, b) => rank(a) - rank(b))
    .map(({ path, manufacturer, serialNumber }): PortItem => ({
      label: `$(plug) ${path}`,
      description: [manufacturer, serialNumber && `serial number ${serialNumber}`]
        .filter(Boolean)
        .join(' · '),
      port: path,
    }));
  return [
    ...found,
    { label: '$(refresh) Look Again', ...(found.length === 0 && { detail: missing }), look: true },
    { label: '$(edit) Enter a Port …', description: 'such as /dev/ttyACM0 or COM3', look: false },
  ];
}

async function enterPort(last: string | undefined): Promise<string> {
  const entered = await vscode.window.showInputBox({
    title: 'Verify on Board',
    prompt: 'Serial port that the board is behind, such as /dev/ttyACM0 or COM3',
    value: last,
    validateInput: (text) => (text.trim() === '' ? 'Enter the name of a port.' : undefined),
  });
  if (entered === undefined) throw new CancelledError();
  return entered.trim();
}
