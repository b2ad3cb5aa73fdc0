// Where a guest's run stops by itself, each time: at the instruction at an address, and at exits for some reasons. Places
// are looked up by symbol or line each time a guest is booted, so they hold for the next version of it too.
// Left out: a wish for this run alone, which the laboratory forgets when it comes true.

import type { LineTable } from '../../asm/line-table.ts';
import type { StopPoints } from '../../debug/gdb/stop-points.ts';
import type { SymbolTable } from '../../debug/symbols.ts';
import { EXIT_REASONS, type ExitReason } from '../../hypervisor/reason.ts';
import type { Break } from '../protocol.ts';

/** What names the places of a guest. */
export interface Places {
  readonly symbols: SymbolTable;
  readonly lines: LineTable;
}

export class Breaks {
  private readonly places = new Map<bigint, string>();
  private readonly reasons = new Set<ExitReason>();
  /** By their number: those whose place the guest does not have. */
  readonly unresolved: readonly number[];

  constructor(breaks: readonly Break[], guest: string, places: Places) {
    const unresolved: number[] = [];
    for (const { id, guest: name, at, enabled } of breaks) {
      if (name !== guest) continue;
      if (at.kind === 'exit') {
        const reason = EXIT_REASONS.find((each) => each === at.reason);
        if (enabled && reason !== undefined) this.reasons.add(reason);
        continue;
      }
      const address = placeOf(at.where, places);
      if (address === undefined) unresolved.push(id);
      else if (enabled) this.places.set(address, at.where);
    }
    this.unresolved = unresolved;
  }

  /** Adds what stops a run, for whoever runs it up to there. */
  addTo({ breakpoints, exits }: StopPoints): void {
    for (const pc of this.places.keys()) breakpoints.add(pc);
    for (const reason of this.reasons) exits.add(reason);
  }
  get any(): boolean {
    return this.places.size + this.reasons.size > 0;
  }
  /** Whether each exit must be seen. */
  get listens(): boolean {
    return this.reasons.size > 0;
  }
  at(pc: bigint): string | undefined {
    return this.places.get(pc);
  }
  on(reason: ExitReason | undefined): boolean {
    return reason !== undefined && this.reasons.has(reason);
  }
}

/** A symbol's address, that of a line (`kernel.s:12`), or what somebody wrote as one: hexadecimal, with or without 0x. */
export function placeOf(where: string, { symbols, lines }: Places): bigint | undefined {
  const [, file, line] = /^(.+):([0-9]+)$/.exec(where.trim()) ?? [];
  const ofLine = file === undefined ? undefined : lines.addressOf(file, Number(line));
  return symbols.address(where) ?? ofLine ?? addressOf(where);
}
function addressOf(text: string): bigint | undefined {
  const digits = /^(?:0x)?([0-9a-f]{1,16})$/i.exec(text.trim())?.[1];
  return digits === undefined ? undefined : BigInt(`0x${digits}`);
}
