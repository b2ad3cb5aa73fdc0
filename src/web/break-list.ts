// The lasting breaks: kept for the next boot of a guest of the same name, and in the browser for the next visit.

import type { Break, StopAt } from './protocol.ts';

const KEPT = 'trapeze.breaks';

export class BreakList {
  all: readonly Break[] = [];
  /** Those whose place the guest of their name does not have. */
  unresolved: readonly number[] = [];
  private readonly onChange: (breaks: readonly Break[]) => void;

  constructor(onChange: (breaks: readonly Break[]) => void) {
    this.onChange = onChange;
    this.all = recall();
  }

  add(guest: string, at: StopAt): void {
    const same = ({ guest: name, at: other }: Break) => name === guest && JSON.stringify(at) === JSON.stringify(other);
    if (this.all.some(same)) return;
    const id = 1 + Math.max(0, ...this.all.map((each) => each.id));
    this.set([...this.all, { id, guest, at, enabled: true }]);
  }
  remove(id: number): void {
    this.set(this.all.filter((each) => each.id !== id));
  }
  enable(id: number, enabled: boolean): void {
    this.set(this.all.map((each) => (each.id === id ? { ...each, enabled } : each)));
  }
  tell(): void {
    if (this.all.length > 0) this.onChange(this.all);
  }

  private set(all: readonly Break[]): void {
    this.all = all;
    try {
      localStorage.setItem(KEPT, JSON.stringify(all));
    } catch {} // a page that may not keep anything forgets it
    this.onChange(all);
  }
}

function recall(): readonly Break[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEPT) ?? '[]');
    return Array.isArray(kept) ? kept.filter(isBreak) : [];
  } catch {
    return [];
  }
}
function isBreak(value: unknown): value is Break {
  const { id, guest, at, enabled } = (value ?? {}) as Partial<Break>; // of what storage holds nothing is known
  const named = at?.kind === 'address' ? at.where : at?.kind === 'exit' ? at.reason : undefined;
  return (
    typeof id === 'number' && typeof guest === 'string' && typeof enabled === 'boolean' && typeof named === 'string'
  );
}
