// The shadow contexts of a guest: which of them there are, what keys each and what it holds; which pages of the guest's
// tables are written unseen; and what the last fences came to.

import type { Discipline } from '../../hypervisor/shadow/discipline.ts';
import type { ContextLine, Fact, ShadowView } from '../protocol.ts';
import type { LabGuest } from './lab-guest.ts';
import { shadowCount } from './tellings.ts';

/** @param hart whose context is the current one; without one, whichever virtual CPU has its turn. */
export function shadowOf({ guest, recorder }: LabGuest, discipline: Discipline, hart?: number): ShadowView {
  const { vm, interleaver } = guest;
  const none: ShadowView = { discipline, contexts: [], unseen: [], stale: 0, events: [], counts: [] };
  if (vm === undefined) return none;
  const cpu = vm.cpus[hart ?? interleaver.whoseTurn() ?? 0] ?? vm.cpus[0];
  const current = cpu && vm.shadow.peek(cpu);
  const uses = vm.shadow.lastUses();
  const contexts = vm.shadow.all.map((context): ContextLine => {
    const { view, asid, guestSatp, readsExecutable, satp } = context;
    return {
      view,
      guestSatp: guestSatp === undefined ? '' : `0x${guestSatp.toString(16)}`,
      asid,
      readsExecutable,
      satp,
      ...context.size(),
      lastUse: uses.get(context) ?? 0,
      current: context === current,
    };
  });
  const { shadow } = vm.ledger;
  const names = Object.keys(shadow) as (keyof typeof shadow)[]; // its own keys
  const counts = names.map((name): Fact => ({ name: shadowCount(name), value: `${shadow[name]}` }));
  return {
    discipline,
    contexts: contexts.sort((a, b) => b.lastUse - a.lastUse),
    unseen: vm.shadow.unseen,
    stale: vm.shadow.stale().length,
    events: recorder.shadowEvents,
    counts,
  };
}
