// One address through the guest's tables and through the shadow's, level by level: what each entry says, what differs
// between the two and why, and what an access would come to. Nothing is filled, marked or made by looking.
// Left out: what an exit for it would do, which the timeline tells of those that happened.

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

const REAL_HART = 0;
const PAGE_SHIFT = 12n;
const LOW_HALF = 0xffff_ffffn;
const bit = (position: number) => 1n << BigInt(position);
const DIRTY_AND_ACCESSED = bit(PTE.A) | bit(PTE.D);
const NO_ENTRY = 'page fault';

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
      ? { steps: [], result: { fault: NO_ENTRY } }
      : walk(hardware.state(REAL_HART).words, real, access, address, { satp: context.satp, mode: BigInt(Mode.U) });
  const gpa = 'physical' in guests.result ? guests.result.physical : undefined;
  const seen = { guest, cpu, context, access, gpa, guests, shadow };
  const device =
    gpa === undefined
      ? undefined
      : board.slots.find(({ base, device: { size } }) => gpa >= base && gpa < base + BigInt(size))?.device.name;
  return {
    hart,
    address,
    access,
    view: context?.view ?? '',
    levels: levelsOf(seen),
    ...(gpa !== undefined && { gpa }),
    ...(device !== undefined && { device }),
    ...('physical' in shadow.result && { spa: shadow.result.physical }),
    ...('fault' in guests.result && { guestFault: guests.result.fault }),
    ...('fault' in shadow.result && { shadowFault: shadow.result.fault }),
    verdict: verdictOf(seen, device !== undefined),
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
}

/** What an access would come to. */
function verdictOf({ guest, cpu, context, access, gpa, guests, shadow }: Seen, isDevice: boolean): Verdict {
  if (gpa === undefined || cpu === undefined) return 'true';
  if (!cpu.ask(pmp[access], { address: gpa, bytes: 1n, mode: effectiveMode<bigint>(cpu, access) })) return 'protected';
  if (!guest.board.isRam(gpa, 1)) return isDevice ? 'device' : 'nothing';
  if ('physical' in shadow.result) return guests.steps.length === 0 ? 'bare' : 'agree';
  if (access === 'store' && guest.vm?.shadow.isTraced(Number(gpa))) return 'traced';
  if (context === undefined) return 'hidden';
  // The walk of a hidden fault sets what is missing of A and D before the shadow is filled.
  const entry = Number(((guests.steps.at(-1)?.bits ?? 0n) | DIRTY_AND_ACCESSED) & LOW_HALF);
  const frame = Number((gpa - cpu.ram.base) >> PAGE_SHIFT);
  return grants(rightsOf(cpu, context, entry, frame, 1, false), access) ? 'hidden' : 'withheld';
}

/** Entries of one level side by side, from the root down. */
function levelsOf(seen: Seen): WalkView['levels'] {
  const { guests, shadow } = seen;
  const numbers = [...guests.steps, ...shadow.steps].map(({ level }) => level);
  return [...new Set(numbers)]
    .sort((a, b) => b - a)
    .map((level) => {
      const own = guests.steps.find((step) => step.level === level);
      const other = shadow.steps.find((step) => step.level === level);
      return {
        level,
        ...(own && { guest: own }),
        ...(other && { shadow: other }),
        differs: differencesOf(seen, own, other),
      };
    });
}

const has = (step: WalkStep, position: number) => (step.bits & bit(position)) !== 0n;

/** What of a level differs, and why. */
function differencesOf(seen: Seen, own: WalkStep | undefined, other: WalkStep | undefined): Difference[] {
  const isThere = other !== undefined && has(other, PTE.V);
  if (own === undefined)
    return other === undefined || !isThere ? [] : [seen.guests.steps.length === 0 ? 'places' : 'split'];
  if (!has(own, PTE.V)) return isThere ? ['stale'] : [];
  if (!isThere) return ['missing'];
  if (!other.leaf) return [own.leaf ? 'split' : 'table'];
  if (!own.leaf) return ['stale'];
  return ['frame', ...rightsDiffering(seen, own, other)];
}
function rightsDiffering({ guest, gpa }: Seen, own: WalkStep, other: WalkStep): Difference[] {
  const found: Difference[] = [];
  if (has(other, PTE.U) && !has(own, PTE.U)) found.push('user');
  if (has(own, PTE.W) && !has(other, PTE.W)) {
    if (!has(own, PTE.D)) found.push('clean');
    else found.push(guest.vm?.shadow.isTraced(Number(gpa ?? 0n)) ? 'traced' : 'right');
  }
  const lacks = (position: number) => has(own, position) && !has(other, position);
  if ((lacks(PTE.R) || lacks(PTE.X)) && !found.includes('right')) found.push('right');
  if (!has(own, PTE.R) && has(other, PTE.R)) found.push('executable');
  if ((own.bits & DIRTY_AND_ACCESSED) !== (other.bits & DIRTY_AND_ACCESSED)) found.push('accessed');
  if (has(own, PTE.G) !== has(other, PTE.G)) found.push('global');
  return found;
}
