// Which of the guest's page-table entries lead to an address as they are now. It only reads: a walk that sets accessed
// bits, or that raises, is the virtual CPU's. Left out: what the leaf permits.

import { type GuestPhysical, PAGE_SHIFT } from '../../../isa/address.ts';
import { FIELDS, TranslationMode } from '../../../isa/layout.ts';
import type { GuestRam } from '../guest-ram.ts';

const MODE_LOW = BigInt(FIELDS.satp.MODE[1]);
const ROOT_MASK = (1n << BigInt(FIELDS.satp.PPN[0] + 1)) - 1n;
const INDEX_BITS = 9;
const INDEX_MASK = 0x1ffn;
const ENTRY_BYTES = 8;
const PPN_LOW = 10n;
const PPN_MASK = ROOT_MASK;
const KIND = 0x0fn;
/** Valid, and neither readable, writable nor executable: it points to a table. */
const POINTER = 0x01n;

/** Guest-physical addresses of the entries on the way to `address`, root first, as far as they are in RAM. */
export function entriesFor(ram: GuestRam, satp: bigint, address: bigint): readonly number[] {
  const entries: number[] = [];
  let table = satp & ROOT_MASK;
  for (let level = satp >> MODE_LOW === BigInt(TranslationMode.Sv48) ? 3 : 2; level >= 0; level--) {
    const index = (address >> BigInt(PAGE_SHIFT + INDEX_BITS * level)) & INDEX_MASK;
    const at = ((table << BigInt(PAGE_SHIFT)) + index * BigInt(ENTRY_BYTES)) as GuestPhysical;
    if (!ram.contains(at, ENTRY_BYTES)) break;
    entries.push(Number(at));
    const bits = ram.read(at, ENTRY_BYTES);
    if ((bits & KIND) !== POINTER) break;
    table = (bits >> PPN_LOW) & PPN_MASK;
  }
  return entries;
}
