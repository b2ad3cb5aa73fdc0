// What a leaf of the shadow may grant: what the guest's own entry grants in this view, less what its PMP forbids
// anywhere in the page, less stores where they must be seen. A right that is withheld costs an exit; a right granted
// wrongly would break the guest's isolation from itself, so this is the file to read first when one is suspected.

import { PAGE_BYTES } from '../../../isa/address.ts';
import { pmp } from '../../../isa/pmp.ts';
import type { Access } from '../../../isa/vocabulary.ts';
import type { VirtualCpu } from '../virtual-cpu.ts';
import type { ShadowContext } from './context.ts';
import { D, R, U, W, X } from './entry.ts';
import { translates } from './view.ts';

/** Bits R, W and X of an entry. */
export type Rights = number;
const RIGHT: Readonly<Record<Access, Rights>> = { fetch: X, load: R, store: W };

/** Rights by the guest's own translation. @param entry the low half of its leaf entry, of a view that translates. */
function granted({ view, readsExecutable }: ShadowContext, entry: number): Rights {
  if (view === 'machine-mprv') return X;
  if (!translates(view)) return R | W | X;
  const isUser = view === 'user';
  const isUserPage = (entry & U) !== 0;
  // SUM lets S read and write user pages, never fetch from them (norm:sstatus_sum).
  const hasData = isUserPage === isUser || view === 'supervisor-sum';
  let rights = 0;
  if (hasData && (entry & R || (readsExecutable && entry & X))) rights |= R;
  // A clear D must be set by a fault first.
  if (hasData && (entry & (W | D)) === (W | D)) rights |= W;
  if (isUserPage === isUser) rights |= entry & X;
  return rights;
}

/**
 * Rights over `frames` frames of the guest's RAM from `frame` on, which is counted from its start.
 * @param traced whether a page table that the shadow derives from lies there: its stores must be seen.
 */
export function rightsOf(
  cpu: VirtualCpu,
  context: ShadowContext,
  entry: number,
  frame: number,
  frames: number,
  traced: boolean,
): Rights {
  let rights = granted(context, entry);
  if (traced) rights &= ~W;
  const closed = rights & ~cpu.openRights;
  if (closed & R && !isAllowed(cpu, 'load', frame, frames)) rights &= ~R;
  if (closed & W && !isAllowed(cpu, 'store', frame, frames)) rights &= ~W;
  if (closed & X && !isAllowed(cpu, 'fetch', frame, frames)) rights &= ~X;
  // An entry that is writable but not readable is reserved, so such a page is withheld.
  return rights & R ? rights : rights & ~W;
}

/** Whether the PMP permits an access in all of these frames. */
function isAllowed(cpu: VirtualCpu, access: Access, frame: number, frames: number): boolean {
  const address = cpu.ram.base + BigInt(frame * PAGE_BYTES);
  return cpu.ask(pmp[access], { address, bytes: BigInt(frames * PAGE_BYTES), mode: cpu.mode });
}

export function grants(rights: Rights, access: Access): boolean {
  return (rights & RIGHT[access]) !== 0;
}
