// What stops a guest under a debugger: places, accesses, traps by cause and exits by reason. None of it is in the
// guest's memory: each step is looked at before and after it is taken. Left out: accesses by devices, which watchpoints
// do not see.

import { Mode, WORD } from '../../../isa/layout.ts';
import type { PrivilegedState } from '../../../isa/state.ts';
import type { ExitReason } from '../../hypervisor/reason.ts';
import { accessOf } from '../access.ts';

export type Watch = 'write' | 'read' | 'access';
export interface Watchpoint {
  readonly kind: Watch;
  readonly address: bigint;
  readonly bytes: bigint;
}

export class StopPoints {
  /** Virtual addresses. */
  readonly breakpoints = new Set<bigint>();
  readonly watchpoints: Watchpoint[] = [];
  /** Causes of traps that the guest takes, as in mcause. */
  readonly traps = new Set<bigint>();
  readonly exits = new Set<ExitReason>();

  get any(): boolean {
    return this.breakpoints.size + this.watchpoints.length + this.traps.size + this.exits.size > 0;
  }
  addWatchpoint(watchpoint: Watchpoint): void {
    this.removeWatchpoint(watchpoint);
    this.watchpoints.push(watchpoint);
  }
  removeWatchpoint({ kind, address, bytes }: Watchpoint): void {
    const same = (each: Watchpoint) => each.kind === kind && each.address === address && each.bytes === bytes;
    const at = this.watchpoints.findIndex(same);
    if (at >= 0) this.watchpoints.splice(at, 1);
  }
  clear(): void {
    this.breakpoints.clear();
    this.watchpoints.length = 0;
    this.clearEvents();
  }
  clearEvents(): void {
    this.traps.clear();
    this.exits.clear();
  }

  /** The watchpoint that an instruction touches, if it retires. */
  touchedBy(bits: number | undefined, state: PrivilegedState): Watchpoint | undefined {
    const access = bits === undefined ? undefined : accessOf(bits, state.words);
    return (
      access &&
      this.watchpoints.find(
        ({ kind, address, bytes }) =>
          access.address < address + bytes &&
          address < access.address + BigInt(access.bytes) &&
          (kind === 'access' || (kind === 'write' ? access.writes : access.reads)),
      )
    );
  }
}

const ECALL = 0x73;
const CALL_FROM_S = 9n;

/** What a hart was before a step, as far as telling a trap needs it. */
export interface Before {
  readonly retired: bigint;
  readonly pc: bigint;
  readonly privilege: Mode;
  readonly bits: number | undefined;
}

/** The cause of the trap that a step took, calls to the SBI included; undefined where an instruction retired. */
export function trapTaken(before: Before, state: PrivilegedState): bigint | undefined {
  if (state.retired === before.retired) {
    const isCall = before.bits === ECALL && before.privilege === Mode.S && state.privilege === Mode.S;
    if (isCall && state.word(WORD.pc) === before.pc + 4n) return CALL_FROM_S;
    return state.privilege === Mode.M ? state.mcause : state.scause;
  }
  return undefined;
}
