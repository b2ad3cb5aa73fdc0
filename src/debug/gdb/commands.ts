// GDB's `monitor` commands: what no register shows, and what stops a guest that no breakpoint can. Each answers in text.

import { causeName } from '../../../isa/causes.ts';
import { WORD } from '../../../isa/layout.ts';
import { EXIT_REASONS } from '../../hypervisor/reason.ts';
import type { Debuggee } from './debuggee.ts';
import type { DebuggedGuest, Thread } from './guest.ts';
import { number } from './hexadecimal.ts';

const HELP = `info exits            exits of this virtual machine by reason
info ledger           its steps, native and in exits, and its shadow page tables
info shadow ADDR      how the shadow page tables map an address, and the guest's own
info devices          what is on the board, and which events are to come
info harts            where each hart is, and what it does
info time             how many steps this guest has taken, and what its board's clock says
info breaks           which exits and traps stop it
break exit REASON     stop at exits for a reason (${EXIT_REASONS.join(', ')})
break trap CAUSE      stop where the guest takes a trap, by its number in mcause; \`break trap interrupt N\` for interrupts
delete                forget these
physical on|off       what addresses of memory are: guest-physical, or as the hart sees them
reset                 restart all guests
at PROCESS COMMAND    any of these for another guest than that of the last stop, by its process`;
const MODES = ['U', 'S', '?', 'M'];
const INTERRUPT = 1n << 63n;

const hexadecimal = (value: bigint) => `0x${value.toString(16)}`;

/** What a command changes of the connection. */
export interface Settings {
  physical: boolean;
}

export function monitorCommand(debuggee: Debuggee, thread: Thread, settings: Settings, said: string): string {
  const guest = debuggee.guests[thread.guest];
  if (guest === undefined) return 'no such guest';
  const [what, ...rest] = said.split(/\s+/);
  switch (what) {
    case '':
    case 'help':
      return HELP;
    case 'info':
      return info(debuggee, thread, guest, rest);
    case 'break':
      return stopAt(debuggee, thread, rest);
    case 'delete':
      debuggee.stopPoints[thread.guest]?.clearEvents();
      return 'no exit or trap stops this guest';
    case 'physical':
      if (rest[0] !== 'on' && rest[0] !== 'off') return 'physical on, or physical off';
      settings.physical = rest[0] === 'on';
      return `addresses are ${settings.physical ? 'guest-physical' : 'as the hart sees them'}`;
    case 'at': {
      const other = /^\d{1,4}$/.test(rest[0] ?? '') ? Number(rest[0]) - 1 : -1;
      if (debuggee.guests[other] === undefined)
        return `at PROCESS COMMAND, with a process from 1 to ${debuggee.guests.length}`;
      return monitorCommand(debuggee, { guest: other, hart: 0 }, settings, rest.slice(1).join(' '));
    }
    case 'reset':
      debuggee.reset();
      return 'all guests are at their first instruction; `maintenance flush register-cache` has GDB see it';
    default:
      return `unknown command '${said}'\n${HELP}`;
  }
}

function info(debuggee: Debuggee, thread: Thread, guest: DebuggedGuest, [what, ...rest]: readonly string[]): string {
  switch (what) {
    case 'exits':
      return exits(guest);
    case 'ledger':
      return ledger(guest);
    case 'shadow': {
      const address = number(rest[0]?.replace(/^0x/i, ''));
      return address === undefined ? 'info shadow ADDRESS, in hexadecimal' : shadow(debuggee, thread, guest, address);
    }
    case 'devices':
      return devices(guest);
    case 'harts':
      return guest.states
        .map((state, hart) => {
          const where = `${MODES[state.privilege]} at ${hexadecimal(state.pc)}`;
          return `hart ${hart}: ${where}, ${guest.board.activity[hart]}, satp ${hexadecimal(state.word(WORD.satp))}`;
        })
        .join('\n');
    case 'time':
      return `step ${debuggee.timelines[thread.guest]?.position}, clock ${guest.board.clock.now} ns, time ${guest.board.clock.ticks()}`;
    case 'breaks': {
      const { exits: reasons, traps } = debuggee.stopPoints[thread.guest] ?? { exits: [], traps: [] };
      const lines = [
        ...[...reasons].map((reason) => `exit ${reason}`),
        ...[...traps].map((cause) => `trap ${causeName(cause)}`),
      ];
      return lines.join('\n') || 'none';
    }
    default:
      return HELP;
  }
}

function stopAt(debuggee: Debuggee, { guest }: Thread, [what, ...rest]: readonly string[]): string {
  const points = debuggee.stopPoints[guest];
  const reason = EXIT_REASONS.find((known) => known === rest[0]);
  if (what === 'exit' && reason !== undefined) {
    if (debuggee.guests[guest]?.vm === undefined) return 'a bare machine has no exits';
    points?.exits.add(reason);
    return `exits for ${reason} stop this guest`;
  }
  const isInterrupt = rest[0] === 'interrupt';
  const digits = isInterrupt ? rest[1] : rest[0];
  if (what === 'trap' && digits !== undefined && /^\d{1,2}$/.test(digits)) {
    const cause = BigInt(digits) | (isInterrupt ? INTERRUPT : 0n);
    points?.traps.add(cause);
    return `traps stop this guest: ${causeName(cause)}`;
  }
  return `break exit REASON, with one of ${EXIT_REASONS.join(', ')}; break trap CAUSE; break trap interrupt NUMBER`;
}

function exits({ vm }: DebuggedGuest): string {
  if (vm === undefined) return 'a bare machine has no exits';
  const taken = vm.ledger.exits().filter(({ count }) => count > 0);
  return taken.map(({ reason, count }) => `${reason.padEnd(18)}${count}`).join('\n') || 'none yet';
}

function ledger({ vm }: DebuggedGuest): string {
  if (vm === undefined) return 'a bare machine has no monitor';
  vm.ledger.update();
  const { fills, contexts, evictions } = vm.ledger.shadow;
  return `native steps ${vm.ledger.nativeSteps}\nshadow fills ${fills}, contexts ${contexts}, evictions ${evictions}`;
}

function shadow(debuggee: Debuggee, thread: Thread, { vm }: DebuggedGuest, address: bigint): string {
  const physical = debuggee.look(thread).translate(address);
  const guest = `guest: ${physical === undefined ? 'not mapped to RAM' : `guest-physical ${hexadecimal(physical)}`}`;
  const cpu = vm?.cpus[thread.hart];
  if (vm === undefined || cpu === undefined) return `${guest}\na bare machine has no shadow`;
  const context = vm.shadow.peek(cpu);
  if (context === undefined) return `${guest}\nshadow: no context yet`;
  const leaf = context.look(address);
  if (leaf === undefined) return `${guest}\nshadow: no entry yet under root ${hexadecimal(context.root)}`;
  const rights = ['r', 'w', 'x'].map((right, bit) => ((leaf.bits >> BigInt(bit + 1)) & 1n ? right : '-')).join('');
  return `${guest}\nshadow: real ${hexadecimal(leaf.physical)} ${rights}, entry ${hexadecimal(leaf.bits)} at ${hexadecimal(leaf.slot)}, root ${hexadecimal(context.root)}`;
}

function devices({ board }: DebuggedGuest): string {
  const windows = board.slots.map(
    ({ base, device }) => `${hexadecimal(base)}..${hexadecimal(base + BigInt(device.size - 1))} ${device.name}`,
  );
  const events = board.events
    .pending()
    .map(({ step, device, kind, payload }) => `in ${step - board.clock.now} steps: ${device} ${kind} ${payload}`);
  return [...windows, ...(events.length > 0 ? events : ['no event is to come'])].join('\n');
}
