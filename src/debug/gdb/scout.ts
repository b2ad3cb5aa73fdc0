// Runs a guest on at full speed, up to a step that may stop it under a debugger: breakpoints are in no code, pages of what
// is watched in no TLB, frames that are watched tell of stores, exits and traps are listened to. What may stop it is then
// stepped and looked at, by whoever sent the scout. What changes watched memory untold (a walk that marks an entry) is
// found by what the bytes hold behind the run, which is then run again. Idle time is not let pass.

import type { SystemPhysical } from '../../../isa/address.ts';
import { WORD } from '../../../isa/layout.ts';
import type { PrivilegedState } from '../../../isa/state.ts';
import type { ExitReason } from '../../hypervisor/reason.ts';
import type { ExitEvent } from '../../hypervisor/virtual-machine.ts';
import type { Lookout } from '../../machine/hardware.ts';
import type { DebuggedGuest } from './guest.ts';
import { Look } from './look.ts';
import { meets, type StopPoints, trapTaken } from './stop-points.ts';
import type { Timeline } from './timeline.ts';
import type { WatchedMemory } from './watched-memory.ts';

/** What it came to, beside that it ran on. */
export type Scouted =
  | { readonly kind: 'trap'; readonly hart: number; readonly cause: bigint }
  | { readonly kind: 'exit'; readonly hart: number; readonly reason: ExitReason }
  /** An exit that took no step: the step that needed it is still to be taken. */
  | { readonly kind: 'hidden-exit'; readonly reason: ExitReason }
  /** So much was asked that it came back for that alone. */
  | { readonly kind: 'spent' };

const PAGE_BYTES = 4096n;
/** More pages than these are not told apart. */
const MOST_PAGES = 512n;
/** Steps that are asked about in one run: each takes longer than hundreds that are not. */
const MOST_ASKED = 2_000;

type Data = 'load' | 'store';
type Wanted = Record<Data, Set<bigint> | 'all'> & { readonly instructions: Set<bigint> };

export interface ScoutOptions {
  readonly guest: DebuggedGuest;
  readonly timeline: Timeline;
  readonly points: StopPoints;
  readonly watched: WatchedMemory;
}

export class Scout {
  private readonly options: ScoutOptions;
  /** What ends the watches of frames. */
  private watches: (() => void)[] = [];
  private asked = 0;
  private scouted: Scouted | undefined;
  private isOut = false;

  constructor(options: ScoutOptions) {
    this.options = options;
  }

  /** Adds what to look out for, and has the frames that are watched tell: what there is to stop at has changed. */
  prepare(wanted: Wanted): void {
    const { guest, points } = this.options;
    this.rest();
    for (const pc of points.breakpoints) wanted.instructions.add(pc);
    for (const watchpoint of points.watchpoints) {
      const { kind, address, bytes, isPhysical, places } = watchpoint;
      const accesses: readonly Data[] = kind === 'write' ? ['store'] : ['load', 'store'];
      const isSmall = places.length > 0 && places.reduce((sum, place) => sum + place.bytes, 0) >= Number(bytes);
      if (!isPhysical) add(wanted, accesses, address, bytes);
      else if (!isSmall) for (const access of accesses) wanted[access] = 'all';
      for (const place of places) {
        const real = (guest.vm?.ram.real(place.address) ?? place.address) as SystemPhysical;
        const seen = (at: bigint, bytes: number) => {
          if (meets({ address: real, bytes: BigInt(place.bytes) }, { address: at, bytes })) this.comeBack();
        };
        // An AMO loads too, by what it is translated for a store.
        if (isPhysical || kind !== 'read') this.watches.push(guest.hardware.watch(real, 'store', seen));
        // Of a load it is asked before it comes.
        if (isPhysical && kind !== 'write') this.watches.push(guest.hardware.watch(real, 'load', () => {}));
      }
    }
  }

  /** Has no frame tell. */
  rest(): void {
    for (const end of this.watches) end();
    this.watches = [];
  }

  /** Takes at most so many steps, up to one that may stop the guest, and none while it waits. */
  run(maxSteps: number): Scouted | undefined {
    const { guest, timeline, points, watched } = this.options;
    const { vm, hardware, interleaver } = guest;
    if (timeline.ended || interleaver.whoseTurn() === undefined) return undefined;
    const from = timeline.position;
    const held = watched.held;
    this.asked = 0;
    this.scouted = undefined;
    this.isOut = true;
    const listener = vm?.onExit;
    const mine: typeof listener = (event) => {
      listener?.(event);
      this.left(event);
    };
    const listens = points.exits.size + points.traps.size > 0;
    if (vm !== undefined && listens) vm.onExit = mine;
    if (vm !== undefined && points.watchpoints.some(({ isPhysical }) => isPhysical))
      vm.beforeExit = (cpu) => this.mayTouch(cpu, cpu.peek());
    hardware.lookOut(this.lookout());
    timeline.run(maxSteps, 'stay-awake');
    hardware.lookOut(undefined);
    if (vm !== undefined) vm.beforeExit = undefined;
    // A trace may begin to listen with the first step, and passes on what it hears.
    if (vm?.onExit === mine) vm.onExit = listener;
    this.isOut = false;
    if (watched.changed() !== undefined && timeline.position > from) {
      this.goBeforeChange(from, held);
      return undefined;
    }
    return this.scouted ?? (this.asked > MOST_ASKED ? { kind: 'spent' } : undefined);
  }

  private lookout(): Lookout {
    const { guest, points } = this.options;
    const before = (hart: number) => this.mayStop(hart);
    if (guest.vm !== undefined || points.traps.size === 0) return { before };
    const trapped = (hart: number, cause: bigint) => {
      if (!points.traps.has(cause)) return false;
      this.scouted = { kind: 'trap', hart, cause };
      return this.comeBack();
    };
    return { before, trapped };
  }

  /** Whether the step that a hart is about to take may stop the guest; a virtual CPU's is the real hart's, as it is now. */
  private mayStop(hart: number): boolean {
    const { guest, points } = this.options;
    const { hardware } = guest;
    if (++this.asked > MOST_ASKED) return this.comeBack();
    const real = hardware.state(hart);
    if (points.breakpoints.has(real.word(WORD.pc))) return this.comeBack();
    return points.watchpoints.length > 0 && this.mayTouch(real, hardware.nextInstruction(hart));
  }
  /** What it has registers in, and the bits of its instruction. */
  private mayTouch(state: PrivilegedState, bits: number | undefined): boolean {
    const { guest, points } = this.options;
    const touched = points.touchedBy(bits, state, (access) =>
      new Look(guest, guest.interleaver.current).placesOf(access),
    );
    return touched !== undefined && this.comeBack();
  }

  /** Of a virtual machine, where it is listened to. */
  private left({ reason, cpu, before, instruction }: ExitEvent): void {
    const { guest, points } = this.options;
    const hart = guest.states.indexOf(cpu);
    if (points.exits.has(reason)) {
      this.scouted = reason === HIDDEN ? { kind: 'hidden-exit', reason } : { kind: 'exit', hart, reason };
      this.comeBack();
    } else if (reason !== HIDDEN) {
      const retired = before[WORD.retired] as bigint;
      const privilege = Number(before[WORD.mode]) as typeof cpu.privilege; // a mode is one of those
      const cause = trapTaken({ retired, privilege, bits: instruction }, cpu);
      if (cause === undefined || !points.traps.has(cause)) return;
      this.scouted = { kind: 'trap', hart, cause };
      this.comeBack();
    }
  }

  private comeBack(): true {
    const { interleaver, vm } = this.options.guest;
    if (!this.isOut) return true;
    interleaver.comeBack();
    for (const cpu of vm?.cpus ?? []) cpu.disturbed = true;
    return true;
  }

  /** Goes to before the step that changed what is watched, which is most often the last. */
  private goBeforeChange(from: number, held: WatchedMemory['held']): void {
    const { timeline, watched } = this.options;
    let [low, high] = [from, timeline.position];
    for (let probe = high - 1; high - low > 1; probe = Math.floor((low + high) / 2)) {
      timeline.goTo(probe);
      if (watched.holds(held)) low = probe;
      else high = probe;
    }
    timeline.goTo(low);
    watched.note();
  }
}

const HIDDEN = 'shadow-fill' satisfies ExitReason;

function add(wanted: Wanted, accesses: readonly Data[], address: bigint, bytes: bigint): void {
  const [first, last] = [address / PAGE_BYTES, (address + bytes - 1n) / PAGE_BYTES];
  for (const access of accesses) {
    const those = wanted[access];
    if (those === 'all') continue;
    if (last - first >= MOST_PAGES) wanted[access] = 'all';
    else for (let page = first; page <= last; page++) those.add(page);
  }
}

/** Has the scouts of guests, which may share a machine, heed what there is to stop at now. */
export function prepareScouts(scouts: readonly Scout[], guests: readonly DebuggedGuest[]): void {
  for (const machine of new Set(guests.map(({ hardware }) => hardware))) {
    const wanted: Wanted = { instructions: new Set(), load: new Set(), store: new Set() };
    for (const [index, { hardware }] of guests.entries()) if (hardware === machine) scouts[index]?.prepare(wanted);
    machine.lookOutFor(wanted);
  }
}
/** Has memory be accessed as if nothing were looked out for, until they are prepared again. */
export function restScouts(scouts: readonly Scout[], guests: readonly DebuggedGuest[]): void {
  for (const scout of scouts) scout.rest();
  for (const machine of new Set(guests.map(({ hardware }) => hardware)))
    machine.lookOutFor({ instructions: 'kept', load: new Set(), store: new Set() });
}
