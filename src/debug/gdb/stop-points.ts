// What stops a guest under a debugger: places, accesses, traps by cause and exits by reason. None of it is in the
// guest's memory: each step is looked at before and after it is taken. Accesses are those of harts; what else writes to
// memory is seen by what it changes there. Left out: what else reads memory.

import type { GuestPhysical } from '../../../isa/address.ts';
import { Mode } from '../../../isa/layout.ts';
import type { PrivilegedState } from '../../../isa/state.ts';
import type { ExitReason } from '../../hypervisor/reason.ts';
import { type Accessed, accessOf } from '../access.ts';

export type Watch = 'write' | 'read' | 'access';
/** Parts of RAM, each within a page. */
export type Places = readonly { readonly address: GuestPhysical; readonly bytes: number }[];

export interface Watchpoint {
  readonly kind: Watch;
  readonly address: bigint;
  readonly bytes: bigint;
  /** The address is guest-physical. */
  readonly isPhysical: boolean;
  /** Where in RAM its bytes are, as far as they are compared. */
  readonly places: Places;
}
/** A watchpoint that an instruction touches, and what it does to it. */
export interface Touched {
  readonly watchpoint: Watchpoint;
  readonly access: Accessed;
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
  removeWatchpoint({ kind, address, bytes }: Pick<Watchpoint, 'kind' | 'address' | 'bytes'>): void {
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

  /**
   * The watchpoint that an instruction touches, if it retires.
   * @param placesOf where in RAM what it accesses is.
   */
  touchedBy(
    bits: number | undefined,
    state: PrivilegedState,
    placesOf: (access: Accessed) => Places,
  ): Touched | undefined {
    const access = bits === undefined ? undefined : accessOf(bits, state.words);
    if (access === undefined) return undefined;
    const watchpoint = this.watchpoints.find((each) => {
      if (each.kind === 'write' ? !access.writes : each.kind === 'read' && !access.reads) return false;
      return each.isPhysical ? placesOf(access).some((place) => meets(each, place)) : meets(each, access);
    });
    return watchpoint && { watchpoint, access };
  }
}

export const meets = (
  watched: Pick<Watchpoint, 'address' | 'bytes'>,
  { address, bytes }: { address: bigint; bytes: number },
) => address < watched.address + watched.bytes && watched.address < address + BigInt(bytes);

/** Whether an instruction that retired did access what it meant to: a store-conditional may not. */
export const wasAccessed = ({ access: { failure } }: Touched, after: PrivilegedState): boolean =>
  failure === undefined || after.word(failure) === 0n;

const ECALL = 0x73;
const CALL_FROM_S = 9n;

/** What a hart was before a step, as far as telling a trap needs it. */
export interface Before {
  readonly retired: bigint;
  readonly privilege: Mode;
  readonly bits: number | undefined;
}

/** The cause of the trap that a step took, calls to the SBI included; undefined where an instruction retired. */
export function trapTaken(before: Before, state: PrivilegedState): bigint | undefined {
  if (state.retired !== before.retired) return undefined;
  if (before.bits === ECALL && before.privilege === Mode.S) return CALL_FROM_S;
  return state.privilege === Mode.M ? state.mcause : state.scause;
}
