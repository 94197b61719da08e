import * as vscode from 'vscode';
import {
  fieldText,
  hexText,
  type Peripheral,
  type RegisterField,
} from '../../firmware/registers/register.ts';
import { peripherals } from '../../firmware/registers/table.ts';
import { RegisterValues, type RegisterValue } from '../debug/register-values.ts';
import type { Stop } from '../debug/stops.ts';
import { factsOf } from '../debug/target.ts';
import { DisposableStore } from '../dispose.ts';
import type { Studio } from '../studio.ts';

export interface PeripheralNode {
  kind: 'peripheral';
  peripheral: Peripheral;
}
export interface RegisterNode extends RegisterValue {
  kind: 'register';
  peripheral: Peripheral;
}
interface FieldNode {
  kind: 'field';
  of: RegisterNode;
  field: RegisterField;
}
export type Node = PeripheralNode | RegisterNode | FieldNode;

export const emulatorMessage =
  'The emulator is no nRF52832: it has the processor’s own registers (SCB) and none of the chip’s. Debug on a board to see their values.';

/** The chip's registers by name, read while the firmware is stopped; what is expanded is read, and nothing else. */
export class RegistersView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  readonly #studio: Studio;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<undefined>());
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #values = new RegisterValues();
  #session: vscode.DebugSession | undefined;
  #stop: Stop;

  constructor(studio: Studio) {
    this.#studio = studio;
    this.#store.add(studio.stops.onDidChange(() => this.#moved()));
    this.#store.add(vscode.debug.onDidChangeActiveDebugSession(() => this.#moved()));
  }

  /** Where the view says what it cannot show. */
  messageTo(view: Pick<vscode.TreeView<Node>, 'message'>): void {
    const tell = (): void => {
      view.message = this.#emulated ? emulatorMessage : undefined;
    };
    tell();
    this.#store.add(this.onDidChangeTreeData(tell));
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (!node) return peripherals.map((peripheral) => ({ kind: 'peripheral', peripheral }));
    switch (node.kind) {
      case 'peripheral': {
        const values = await this.#values.read(node.peripheral, this.#stop && this.#session);
        return values.map((value) => ({ kind: 'register', peripheral: node.peripheral, ...value }));
      }
      case 'register':
        return node.register.fields.map((field) => ({ kind: 'field', of: node, field }));
      case 'field':
        return [];
    }
  }

  getTreeItem(node: Node): vscode.TreeItem {
    switch (node.kind) {
      case 'peripheral':
        return this.#peripheralItem(node.peripheral);
      case 'register':
        return registerItem(node);
      case 'field':
        return fieldItem(node);
    }
  }

  dispose(): void {
    this.#store.dispose();
  }

  get #emulated(): boolean {
    return this.#session !== undefined && factsOf(this.#session).runsOn === 'emulator';
  }

  #moved(): void {
    const { stops } = this.#studio;
    const { session } = stops;
    const stop = session && stops.of(session);
    if (session !== this.#session) this.#values.forget();
    else if (stop && stop !== this.#stop) this.#values.nextStop();
    this.#session = session;
    this.#stop = stop;
    this.#changed.fire(undefined);
  }

  #peripheralItem({ name, base, description, ofProcessor }: Peripheral): vscode.TreeItem {
    const item = new vscode.TreeItem(name, vscode.TreeItemCollapsibleState.Collapsed);
    item.id = name;
    item.description = this.#emulated && !ofProcessor ? `${description} (not in the emulator)` : description;
    item.tooltip = `${name} at ${hexText(base)}: ${description}`;
    return item;
  }
}

function registerItem({ peripheral, register, value, changed, error }: RegisterNode): vscode.TreeItem {
  const { name, address, description, fields } = register;
  const item = new vscode.TreeItem(
    name,
    fields.length > 0 && value !== undefined
      ? vscode.TreeItemCollapsibleState.Collapsed
      : vscode.TreeItemCollapsibleState.None,
  );
  item.id = `${peripheral.name}.${name}`;
  const parts = [`${peripheral.name}.${name} at ${hexText(address)}: ${description}`];
  if (value === undefined) {
    item.description = error ? 'cannot be read' : '–';
    if (error) parts.push(error);
  } else {
    const meaning = fields.length === 1 ? ` · ${fieldText(fields[0], value)}` : '';
    item.description = `${hexText(value)}${meaning}${changed ? ' · changed' : ''}`;
    parts.push(`${value} in decimal`);
  }
  item.tooltip = parts.join('\n');
  const spoken = value === undefined ? error || 'no value here' : String(item.description);
  item.accessibilityInformation = { label: `${name}, ${description}: ${spoken}` };
  return item;
}

function fieldItem({ of, field }: FieldNode): vscode.TreeItem {
  const { name, bit, width } = field;
  const item = new vscode.TreeItem(name);
  item.id = `${of.peripheral.name}.${of.register.name}.${name}`;
  item.description = of.value === undefined ? '' : fieldText(field, of.value);
  item.tooltip = width === 1 ? `bit ${bit}` : `bits ${bit + width - 1} to ${bit}`;
  return item;
}
