// `trapeze run`: boots images, virtual or one of them bare, with their consoles on the terminal, until they end.

import { once } from 'node:events';
import { Profile } from '../debug/profile.ts';
import { ConsoleInput } from '../devices/console-input.ts';
import { drive, type Host } from '../session/drive.ts';
import { exitCodeOf, reportOf } from '../session/report.ts';
import { bareSystem, type GuestSpec, type System, virtualSystem, type Wrap } from '../session/system.ts';
import { Consoles } from './consoles.ts';
import { badUsage } from './failure.ts';
import { debug } from './gdb.ts';
import { openLog } from './log.ts';
import { type MachineOptions, type PlannedGuest, planGuests } from './machine-options.ts';
import type { GdbOption, LogOption } from './options.ts';
import { type OutputFile, openOutput } from './output.ts';
import { Progress } from './progress.ts';
import { statsText } from './stats.ts';
import { listen, noInput, readWholeInput } from './terminal.ts';
import { openTrace } from './trace.ts';

interface RunOptions extends MachineOptions {
  readonly bare?: boolean;
  readonly clock?: 'virtual' | 'wall';
  readonly limit?: number;
  readonly timeout?: number;
  readonly until?: string;
  readonly stats?: boolean;
  readonly json?: boolean;
  readonly log?: LogOption;
  readonly logSize: number;
  readonly profile?: string;
  readonly trace?: string;
  readonly traceSize: number;
  readonly gdb?: GdbOption;
  /** -S: nothing runs before a debugger says so. */
  readonly S?: boolean;
}

export async function runCommand(images: readonly string[], options: RunOptions): Promise<void> {
  const { bare = false, json = false, log } = options;
  if (bare && log?.level === 'exits') throw badUsage('a bare machine has no exits: --log traps or --log instructions');
  if (options.S && options.gdb === undefined) throw badUsage('-S waits for a debugger: it needs --gdb');
  if (options.gdb !== undefined && (options.shadow ?? 'trace') !== 'trace')
    throw badUsage(
      `--gdb goes back by checkpoints, which hold no stale translations: --shadow trace, not ${options.shadow}`,
    );
  // A run that can go back must not have written to a file.
  const planned = planGuests(images, options, options.gdb === undefined ? 'kept' : 'dropped');
  if (bare && planned.length > 1) throw badUsage('--bare runs one image; without it each is a virtual machine');
  const consoles = new Consoles({
    names: planned.map(({ name }) => name),
    write: json ? undefined : (bytes) => process.stdout.write(bytes),
    until: options.until,
    keep: json,
  });
  const live = planned[0]?.typed === undefined ? await liveInput() : undefined;
  const inputs = planned.map(({ typed }, index) => {
    if (typed !== undefined) return ConsoleInput.script(typed);
    return (index === 0 && live?.input) || noInput();
  });
  const specs = planned.map((guest, index): GuestSpec => {
    const console = consoles.guests[index];
    return guest.spec(inputs[index] as ConsoleInput, (byte) => console?.output(byte));
  });
  const logged = log && openLog(log, planned, options.logSize);
  const profiled = options.profile === undefined ? undefined : openProfile(options.profile, planned);
  const trace = options.trace === undefined ? undefined : openTrace(options.trace, planned, options.traceSize);
  const wrap: Wrap = (executor, guest, index) => {
    const inner = logged?.wrap?.(executor, guest, index) ?? executor;
    const outer = profiled?.wrap(inner, guest, index) ?? inner;
    return trace?.wrap(outer, guest, index) ?? outer;
  };
  // What a guest sees of a stale translation is in no checkpoint: there are none where each store is traced.
  const shadow = options.gdb === undefined ? options.shadow : 'trace';
  const how = { engine: options.engine, shadow, wrap };
  const system = bare ? bareSystem(specs[0] as GuestSpec, how) : virtualSystem(specs, how);
  if (log?.level === 'exits')
    for (const [index, guest] of system.guests.entries()) if (guest.vm) guest.vm.onExit = logged?.exit(index);
  for (const [index, guest] of system.guests.entries()) {
    const console = consoles.guests[index];
    if (console) console.onMatch = () => (guest.board.outcome ??= { kind: 'until' });
    if (guest.vm && (options.stats || json)) guest.vm.ledger.clock = nanoseconds;
    guest.hardware.measureTranslation(nanoseconds);
  }
  const started = nanoseconds();
  try {
    await runToEnd(system, options, consoles, inputs, live?.chunks);
  } finally {
    logged?.close();
    profiled?.write();
    trace?.close();
  }
  const report = reportOf(
    system,
    options.engine,
    consoles.guests.map((guest) => guest.text()),
    nanoseconds() - started,
  );
  if (json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  if (options.stats) process.stderr.write(statsText(report));
  process.exitCode = exitCodeOf(report);
}

const nanoseconds = () => performance.now() * 1e6;

/** Standard input as the first console's: a script where it has ended already, else as it comes. */
async function liveInput(): Promise<{ input: ConsoleInput; chunks: readonly Uint8Array[] | undefined }> {
  if (process.stdin.isTTY) return { input: new ConsoleInput(), chunks: [] };
  const read = await readWholeInput();
  if ('whole' in read) return { input: ConsoleInput.script(read.whole), chunks: undefined };
  return { input: new ConsoleInput(), chunks: read.chunks };
}

async function runToEnd(
  system: System,
  options: RunOptions,
  consoles: Consoles,
  inputs: readonly ConsoleInput[],
  chunks: readonly Uint8Array[] | undefined,
): Promise<void> {
  const signal = { aborted: false };
  let wake = () => {};
  const interrupt = () => {
    signal.aborted = true;
    wake();
  };
  const host: Host = {
    milliseconds: () => performance.now(),
    breathe: async () => {
      consoles.flush();
      // A reader that is slower than the guest holds the guest up, not the memory of this process.
      if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain');
      await new Promise((resolve) => setImmediate(resolve));
    },
    sleep: (milliseconds) => {
      consoles.flush();
      return new Promise((resolve) => {
        // A timer of Infinity would fire at once; a distant one keeps the process alive for input to come.
        const timer = setTimeout(() => wake(), Math.min(milliseconds, LONGEST_TIMER));
        wake = () => {
          clearTimeout(timer);
          wake = () => {};
          resolve();
        };
      });
    },
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  const unlisten =
    chunks &&
    listen(
      {
        consoles: inputs.length,
        type: (index, byte) => {
          inputs[index]?.push(byte);
          wake();
        },
        end: () => {
          inputs[0]?.end();
          wake();
        },
        quit: interrupt,
        show: (text) => process.stderr.write(text),
      },
      chunks,
    );
  const progress = new Progress(options.limit);
  try {
    const { limit, timeout, gdb, S: waits = false } = options;
    if (gdb !== undefined) {
      const [most, longest] = [limit ?? Number.POSITIVE_INFINITY, timeout ?? Number.POSITIVE_INFINITY];
      await debug(system, host, { gdb, waits, limit: most, timeout: longest, signal, wake: () => wake() });
      return;
    }
    await drive(system, host, {
      clock: options.clock ?? (process.stdout.isTTY && process.stdin.isTTY ? 'wall' : 'virtual'),
      ...(limit !== undefined && { limit }),
      ...(timeout !== undefined && { timeout }),
      signal,
      onProgress: (steps) => options.json && progress.show(steps),
    });
  } finally {
    progress.clear();
    consoles.finish();
    unlisten?.();
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

/** setTimeout's own limit, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** The profile of a run, and the file that it goes to, in the format that its name asks for. */
function openProfile(file: string, planned: readonly PlannedGuest[]) {
  const output: OutputFile = openOutput('--profile', file);
  const profile = new Profile();
  const wrap: Wrap = (executor, guest, index) => {
    const { name, named } = planned[index] as PlannedGuest;
    return profile.wrap(executor, guest, { name, symbols: named.symbols });
  };
  return {
    wrap,
    write: () => {
      output.write(file.endsWith('.json') ? profile.speedscope() : profile.folded());
      output.close();
    },
  };
}
