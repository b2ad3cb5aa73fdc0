// What a leaf of the shadow may grant: what the guest's own entry grants in this view, less what its PMP forbids
// anywhere in the page, less stores where they must be seen. A right that is withheld costs an exit; a right granted
// wrongly would break the guest's isolation from itself, so this is the file to read first when one is suspected.

import type { GuestPhysical } from '../../../isa/address.ts';
import { PTE } from '../../../isa/layout.ts';
import { pmp } from '../../../isa/pmp.ts';
import type { Access } from '../../../isa/vocabulary.ts';
import type { VirtualCpu } from '../virtual-cpu.ts';
import { translates, type View } from './view.ts';

export interface Rights {
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
}

/** Rights by the guest's own translation. @param entry its leaf entry, undefined where it does not translate. */
function granted(cpu: VirtualCpu, view: View, entry: bigint | undefined): Rights {
  if (view === 'machine-mprv') return { read: false, write: false, execute: true };
  if (entry === undefined || !translates(view)) return { read: true, write: true, execute: true };
  const pte = cpu.view(entry, PTE);
  const userPage = pte.U === 1n;
  // SUM lets S read and write user pages, never fetch from them (norm:sstatus_sum).
  const data = view === 'user' ? userPage : !userPage || view === 'supervisor-sum';
  const fetches = userPage === (view === 'user');
  return {
    read: data && (pte.R === 1n || (cpu.mstatus.MXR === 1n && pte.X === 1n)),
    write: data && pte.W === 1n && pte.D === 1n, // a clear D must be set by a fault first
    execute: fetches && pte.X === 1n,
  };
}

/**
 * Rights over `bytes` bytes at guest-physical `address`.
 * @param traced whether a page table that the shadow derives from lies there: its stores must be seen.
 */
export function rightsOf(
  cpu: VirtualCpu,
  view: View,
  entry: bigint | undefined,
  { address, bytes, traced }: { address: GuestPhysical; bytes: number; traced: boolean },
): Rights {
  const { read, write, execute } = granted(cpu, view, entry);
  const allowed = (access: Access) =>
    cpu.isOpenTo(access) || cpu.ask(pmp[access], { address, bytes: BigInt(bytes), mode: cpu.mode });
  const readable = read && allowed('load');
  // An entry that is writable but not readable is reserved, so such a page is withheld.
  return {
    read: readable,
    write: readable && write && !traced && allowed('store'),
    execute: execute && allowed('fetch'),
  };
}

export function grants(rights: Rights, access: Access): boolean {
  return { fetch: rights.execute, load: rights.read, store: rights.write }[access];
}
