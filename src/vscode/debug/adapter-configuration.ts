import type { DebugPreparation } from '../../jobs/debug.ts';

/** What `cdt-gdb-adapter`'s target adapter is launched with (its README, `TargetLaunchRequestArguments`). */
export interface AdapterConfiguration {
  program: string;
  gdb: string;
  cwd: string;
  initCommands: string[];
  target: {
    server: string;
    serverParameters: string[];
    host: string;
    port?: string;
    serverPortRegExp?: string;
    /** ms between the server's start and gdb's connection. */
    serverStartupDelay: number;
    cwd: string;
    automaticallyKillServer: boolean;
  };
  hardwareBreakpoint?: boolean;
}

/** QEMU listens almost at once; a connection that is refused ends the session. */
const qemuStartMs = 500;

/** gdb knows sources by the paths that the build wrote into the image: `.` stands for the project. */
function sourceCommands(sources: string): string[] {
  return [`set substitute-path . ${gdbQuoted(sources)}`];
}

/** A path as one word of a gdb command. */
export function gdbQuoted(path: string): string {
  return `"${path.replaceAll(/(["\\])/g, '\\$1')}"`;
}

/** The emulator, stopped before its first instruction, on a port that was free a moment ago. */
export function emulatorConfiguration(preparation: DebugPreparation, port: number): AdapterConfiguration {
  const { elf, sources, workingFolder, tools, stopCommands } = preparation;
  return {
    program: elf,
    gdb: tools.gdb,
    cwd: sources,
    initCommands: [...sourceCommands(sources), ...stopCommands],
    target: {
      server: tools.qemu,
      serverParameters: [
        ...['-M', 'mps2-an386', '-nographic', '-monitor', 'none', '-serial', 'none'],
        ...['-semihosting-config', 'enable=on,target=native', '-icount', 'shift=6', '-kernel', elf],
        ...['-S', '-gdb', `tcp:127.0.0.1:${port}`],
      ],
      host: '127.0.0.1',
      port: String(port),
      serverStartupDelay: qemuStartMs,
      // The firmware reads the record's windows from a file there.
      cwd: workingFolder,
      automaticallyKillServer: true,
    },
  };
}

/** A board through OpenOCD, which picks a free port itself and says which. */
export function boardConfiguration(
  preparation: DebugPreparation,
  adapterCommands: readonly string[],
): AdapterConfiguration {
  const { elf, sources, workingFolder, tools, stopCommands } = preparation;
  const commands = [
    ...adapterCommands,
    'source [find target/nrf52.cfg]',
    'gdb_port 0',
    'tcl_port disabled',
    'telnet_port disabled',
    'init',
    'reset halt',
  ];
  return {
    program: elf,
    gdb: tools.gdb,
    cwd: sources,
    initCommands: [...sourceCommands(sources), 'load', 'monitor reset halt', ...stopCommands],
    target: {
      server: tools.openocd,
      serverParameters: commands.flatMap((command) => ['-c', command]),
      host: '127.0.0.1',
      serverPortRegExp: 'Listening on port ([0-9]+) for gdb',
      serverStartupDelay: 0,
      cwd: workingFolder,
      automaticallyKillServer: true,
    },
    hardwareBreakpoint: true,
  };
}
