// One address through the guest's tables and through the shadow's, level by level: what each entry says, what differs
// between the two and why, and what an access would come to. Nothing is filled, marked or made by looking.
// Left out: what an exit for it would do, which the timeline tells of those that happened.

import { Cause } from '../../../isa/causes.ts';
import { Mode, PTE } from '../../../isa/layout.ts';
import { pmp } from '../../../isa/pmp.ts';
import { effectiveMode } from '../../../isa/translation.ts';
import type { Access } from '../../../isa/vocabulary.ts';
import { type Walk, type WalkMemory, type WalkStep, walk } from '../../debug/walk.ts';
import type { ShadowContext } from '../../hypervisor/shadow/context.ts';
import { grants, rightsOf } from '../../hypervisor/shadow/rights.ts';
import type { VirtualCpu } from '../../hypervisor/virtual-cpu.ts';
import type { SystemGuest } from '../../session/system.ts';
import type { Difference, Verdict, WalkView } from '../protocol.ts';
import { cause } from './tellings.ts';

const REAL_HART = 0;
const PAGE_SHIFT = 12n;
const LOW_HALF = 0xffff_ffffn;
const bit = (position: number) => 1n << BigInt(position);
const DIRTY_AND_ACCESSED = bit(PTE.A) | bit(PTE.D);
const PAGE_FAULTS = { load: Cause.LoadPageFault, store: Cause.StorePageFault, fetch: Cause.InstructionPageFault };

/** An address as a virtual CPU would access it. */
export interface Looked {
  readonly hart: number;
  readonly address: bigint;
  readonly access: Access;
}

export function walksOf(guest: SystemGuest, { hart, address, access }: Looked): WalkView {
  const { board, hardware, vm } = guest;
  const words = guest.states[hart]?.words ?? new BigUint64Array();
  const own: WalkMemory = {
    contains: (at, bytes) => board.isRam(at, bytes),
    read: (at, bytes) => board.ram.read(at as never, bytes as never), // the walk asks only for what is there
  };
  const real: WalkMemory = {
    contains: (at, bytes) => hardware.contains(at, bytes),
    read: (at, bytes) => hardware.read(at as never, bytes as never), // likewise
  };
  const cpu = vm?.cpus[hart];
  const context = cpu && vm?.shadow.peek(cpu);
  const guests = walk(words, own, access, address);
  const shadow: Walk =
    context === undefined
      ? { steps: [], result: { fault: BigInt(PAGE_FAULTS[access]) } }
      : walk(hardware.state(REAL_HART).words, real, access, address, { satp: context.satp, mode: BigInt(Mode.U) });
  const gpa = 'physical' in guests.result ? guests.result.physical : undefined;
  const changed = context?.changed(address) ?? [];
  const device =
    gpa === undefined
      ? undefined
      : board.slots.find(({ base, device: { size } }) => gpa >= base && gpa < base + BigInt(size))?.device.name;
  const seen = { guest, cpu, context, access, gpa, guests, shadow, changed };
  const verdict = verdictOf(seen, device !== undefined);
  return {
    hart,
    address,
    access,
    view: context?.view ?? '',
    levels: levelsOf({ ...seen, verdict }),
    ...(gpa !== undefined && { gpa }),
    ...(device !== undefined && { device }),
    ...('physical' in shadow.result && { spa: shadow.result.physical }),
    ...('fault' in guests.result && { guestFault: cause(guests.result.fault) }),
    ...('fault' in shadow.result && { shadowFault: cause(shadow.result.fault) }),
    verdict,
  };
}

interface Seen {
  readonly guest: SystemGuest;
  readonly cpu: VirtualCpu | undefined;
  readonly context: ShadowContext | undefined;
  readonly access: Access;
  readonly gpa: bigint | undefined;
  readonly guests: Walk;
  readonly shadow: Walk;
  /** Levels at which the guest's entry is no longer what the shadow's derives from. */
  readonly changed: readonly number[];
}

/** What an access would come to. */
function verdictOf({ guest, cpu, context, access, gpa, guests, shadow }: Seen, isDevice: boolean): Verdict {
  if (cpu === undefined) return 'true';
  if ('physical' in shadow.result && shadow.result.physical - cpu.ram.offset !== gpa) return 'stale';
  if (gpa === undefined) return 'true';
  if (!cpu.ask(pmp[access], { address: gpa, bytes: 1n, mode: effectiveMode<bigint>(cpu, access) })) return 'protected';
  if (!guest.board.isRam(gpa, 1)) return isDevice ? 'device' : 'nothing';
  if ('physical' in shadow.result) return guests.steps.length === 0 ? 'bare' : 'agree';
  if (access === 'store' && guest.vm?.shadow.isTraced(Number(gpa))) return 'traced';
  // The walk of a hidden fault sets what is missing of A and D before the shadow is filled.
  const entry = Number(((guests.steps.at(-1)?.bits ?? 0n) | DIRTY_AND_ACCESSED) & LOW_HALF);
  return context === undefined || grants(rightsAt(cpu, context, gpa, entry), access) ? 'hidden' : 'withheld';
}
/** What a leaf for the page of an address may grant, tables in it aside. */
function rightsAt(cpu: VirtualCpu, context: ShadowContext, gpa: bigint, entry: number): number {
  return rightsOf(cpu, context, entry, Number((gpa - cpu.ram.base) >> PAGE_SHIFT), 1, false);
}

type Judged = Seen & { readonly verdict: Verdict };

/** Entries of one level side by side, from the root down. */
function levelsOf(seen: Judged): WalkView['levels'] {
  const { guests, shadow, context, access } = seen;
  const numbers = [...new Set([...guests.steps, ...shadow.steps].map(({ level }) => level))].sort((a, b) => b - a);
  // Then the shadow's tables stand for other addresses than the guest's.
  const isLent = context?.view === 'machine-mprv' && access !== 'fetch';
  return numbers.map((level, index) => {
    const own = guests.steps.find((step) => step.level === level);
    const other = shadow.steps.find((step) => step.level === level);
    return {
      level,
      ...(own && { guest: own }),
      ...(other && { shadow: other }),
      differs: isLent ? (index === 0 ? (['lent'] as const) : []) : differencesOf(seen, level, own, other),
    };
  });
}

const has = (step: WalkStep, position: number) => (step.bits & bit(position)) !== 0n;

/** What of a level differs, and why. */
function differencesOf(
  seen: Judged,
  level: number,
  own: WalkStep | undefined,
  other: WalkStep | undefined,
): Difference[] {
  const isThere = other !== undefined && has(other, PTE.V);
  const stale = Math.max(...seen.changed);
  // What is below follows from that.
  if (level <= stale) return level === stale ? ['stale'] : [];
  if (own === undefined) return isThere ? [seen.guests.steps.length === 0 ? 'places' : 'split'] : [];
  if (!has(own, PTE.V)) return [];
  if (!isThere) return [seen.verdict === 'hidden' ? 'missing' : 'absent'];
  if (!other.leaf) return [own.leaf ? 'split' : 'table'];
  return ['frame', ...rightsDiffering(seen, own, other)];
}
function rightsDiffering({ guest, cpu, context, gpa }: Judged, own: WalkStep, other: WalkStep): Difference[] {
  const lacks = (position: number) => has(own, position) && !has(other, position);
  const isTraced = gpa !== undefined && guest.vm?.shadow.isTraced(Number(gpa)) === true;
  const entry = Number(own.bits & LOW_HALF);
  const rights = cpu && context && gpa !== undefined ? rightsAt(cpu, context, gpa, entry) : 0;
  /** The bits of an entry are where those of rights are. */
  const isLater = (position: number) => lacks(position) && ((rights >> position) & 1) === 1;
  const isWithheld = (position: number) => lacks(position) && !isLater(position);
  const isClean = lacks(PTE.W) && !has(own, PTE.D);
  return [
    ...when(has(other, PTE.U) && !has(own, PTE.U), 'user'),
    ...when(isClean, 'clean'),
    ...when(lacks(PTE.W) && !isClean && isTraced, 'traced'),
    ...when((isWithheld(PTE.W) && !isClean && !isTraced) || isWithheld(PTE.R) || isWithheld(PTE.X), 'right'),
    ...when((isLater(PTE.W) && !isTraced) || isLater(PTE.R) || isLater(PTE.X), 'later'),
    ...when(!has(own, PTE.R) && has(other, PTE.R), 'executable'),
    ...when((own.bits & DIRTY_AND_ACCESSED) !== (other.bits & DIRTY_AND_ACCESSED), 'accessed'),
    ...when(has(own, PTE.G) !== has(other, PTE.G), 'global'),
  ];
}
const when = (isSo: boolean, difference: Difference): readonly Difference[] => (isSo ? [difference] : []);
