// What must hold of a virtual machine after every exit, looked at from outside: each shadow leaf maps the machine's own
// RAM, each translation that the hardware remembers is one of the shadow's, and each shadow leaf grants no more than the
// guest's own tables over the guest's own memory. The walks here are plain ones, over bytes.

import { expect } from 'vitest';
import type { GuestPhysical, SystemPhysical } from '../../isa/address.ts';
import type { VirtualMachine } from '../../src/hypervisor/virtual-machine.ts';
import type { Hardware } from '../../src/machine/hardware.ts';
import type { Memory } from '../../src/machine/memory.ts';
import {
  DATA_ENTRIES,
  ENTRY,
  FETCH_ENTRIES,
  RAM_AT,
  SPACE,
  SPACE_KEY,
  SPACE_KEYS_AT,
  SPACES,
  spaceAt,
} from '../../src/machine/memory-map.ts';

const PTE = { V: 1n, R: 2n, W: 4n, X: 8n, U: 16n } as const;
const LEAF = PTE.R | PTE.W | PTE.X;
const PAGE = 4096n;
const SV48 = 9n;

interface Mapped {
  readonly frame: bigint;
  readonly bits: bigint;
}
type Read = (address: bigint) => bigint | undefined;
/** The indices in a real table of the entries whose V is set: most are zeros. */
type Valid = (table: bigint) => bigint[];

/** A plain walk: what maps an address by these tables; undefined where nothing does. */
export function walk(read: Read, satp: bigint, address: bigint): Mapped | undefined {
  let table = (satp & ((1n << 44n) - 1n)) * PAGE;
  for (let level = satp >> 60n === SV48 ? 3n : 2n; level >= 0n; level--) {
    const shift = 12n + 9n * level;
    const bits = read(table + ((address >> shift) & 511n) * 8n);
    if (bits === undefined || (bits & PTE.V) === 0n) return undefined;
    const frame = (bits >> 10n) & ((1n << 44n) - 1n);
    if (bits & LEAF) return { frame: frame | ((address >> 12n) & ((1n << (9n * level)) - 1n)), bits };
    table = frame * PAGE;
  }
  return undefined;
}

/** Each leaf under a real root: its page, frame, pages and bits. */
function* leaves(
  read: Read,
  valid: Valid,
  table: bigint,
  level: bigint,
  page = 0n,
): Generator<{ page: bigint; frame: bigint; pages: bigint; bits: bigint }> {
  for (const index of valid(table)) {
    const bits = read(table + index * 8n) ?? 0n;
    const at = page | (index << (12n + 9n * level));
    const frame = (bits >> 10n) & ((1n << 44n) - 1n);
    if (bits & LEAF) yield { page: at, frame, pages: 1n << (9n * level), bits };
    else yield* leaves(read, valid, frame * PAGE, level - 1n, at);
  }
}

/** @param isExact whether the shadow may hold nothing that the guest's tables do not. */
export function checkInvariants(hardware: Hardware, vm: VirtualMachine, isExact: boolean): void {
  const real: Read = (address) => hardware.read(address as SystemPhysical, 8);
  const words = wordsOf(hardware);
  const valid: Valid = (table) => {
    const start = (RAM_AT + Number(table - hardware.ramBase)) >>> 2;
    const indices: bigint[] = [];
    for (let index = 0; index < 512; index++) {
      if (((words[start + index * 2] as number) & 1) !== 0) indices.push(BigInt(index));
    }
    return indices;
  };
  const guest: Read = (address) =>
    vm.ram.contains(address as GuestPhysical, 8) ? vm.ram.read(address as GuestPhysical, 8) : undefined;
  const first = vm.ram.real(vm.ram.base) / PAGE;
  const frames = BigInt(vm.ram.bytes) / PAGE;
  for (const { satp, guestSatp } of vm.shadow.roots()) {
    const levels = satp >> 60n === SV48 ? 4n : 3n;
    const sign = 12n + 9n * levels;
    for (const leaf of leaves(real, valid, (satp & ((1n << 44n) - 1n)) * PAGE, levels - 1n)) {
      const isOwn = leaf.frame >= first && leaf.frame + leaf.pages <= first + frames;
      if (!isOwn) expect.fail(`a shadow leaf maps frame ${leaf.frame.toString(16)}, which is not the guest's`);
      if (!isExact || guestSatp === undefined) continue;
      const page = BigInt.asIntN(Number(sign), leaf.page);
      const own = walk(guest, guestSatp, page);
      const isTrue = own !== undefined && own.frame - vm.ram.base / PAGE === leaf.frame - first;
      if (!isTrue) expect.fail(`the shadow maps ${page.toString(16)} to what the guest's tables do not`);
      // Only what the guest's entry grants; loads from what is only executable depend on MXR.
      const granted = own.bits & LEAF;
      const isLess = (leaf.bits & PTE.W & ~granted) === 0n && (leaf.bits & PTE.X & ~granted) === 0n;
      if (!isLess)
        expect.fail(`the shadow grants ${leaf.bits.toString(2)} where the guest has ${own.bits.toString(2)}`);
    }
  }
  checkTranslations(hardware, real);
}

/** The hardware's one memory: translations and RAM. */
const wordsOf = (hardware: Hardware) => new Uint32Array((hardware as unknown as { memory: Memory }).memory.buffer);

/** Each translation that the hardware remembers under a shadow root is one that a walk of it finds. */
function checkTranslations(hardware: Hardware, real: Read): void {
  const words = wordsOf(hardware);
  const at64 = (at: number) => (BigInt(words[(at >>> 2) + 1] as number) << 32n) | BigInt(words[at >>> 2] as number);
  for (let index = 0; index < SPACES; index++) {
    const key = SPACE_KEYS_AT + index * SPACE_KEY.bytes;
    const satp = at64(key + SPACE_KEY.satp);
    if (words[(key + SPACE_KEY.rest) >>> 2] === 0 || satp === 0n) continue;
    for (const [part, entries, right] of PARTS) {
      for (let slot = 0; slot < entries; slot++) {
        const at = spaceAt(index) + part + slot * ENTRY.bytes;
        const place = words[(at + ENTRY.place) >>> 2] as number;
        if (place === 0) continue;
        const page = (words[(at + ENTRY.tag) >>> 2] as number) >>> 12;
        if (page % entries !== slot) continue; // empty
        const tag = at64(at + ENTRY.tag);
        const found = walk(real, satp, tag);
        if (found === undefined || (found.bits & right) === 0n)
          expect.fail(`the hardware translates ${tag.toString(16)}, the shadow does not`);
        const frame = BigInt(place - RAM_AT) / PAGE + hardware.ramBase / PAGE;
        if (part !== SPACE.fetch && found.frame !== frame)
          expect.fail(`the hardware has ${tag.toString(16)} at another frame than the shadow`);
      }
    }
  }
}
const PARTS = [
  [SPACE.load, DATA_ENTRIES, PTE.R],
  [SPACE.store, DATA_ENTRIES, PTE.W],
  [SPACE.fetch, FETCH_ENTRIES, PTE.X],
] as const;
