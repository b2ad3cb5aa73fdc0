// The ways to run a guest: each engine, bare and virtual. A test names a guest, and runs it in all of them, or is run
// once for each; the reference on the bare machine is what the others are compared with.

import type { Discipline } from '../../src/hypervisor/shadow/discipline.ts';
import { ENGINES, type Engine } from '../../src/machine/engine.ts';
import { bareSystem, type GuestSpec, type System, virtualSystem } from '../../src/session/system.ts';
import type { Side } from '../../src/session/verify.ts';
import { specOf, type TestGuest } from './guests.ts';

export type Kind = System['mode'];
export const KINDS: readonly Kind[] = ['bare', 'virtual'];

/** One way to run a guest. */
export interface Way {
  readonly name: string;
  readonly engine: Engine;
  readonly kind: Kind;
  /** How its shadow page tables follow the guest's: by default so that they are exact whatever the guest forgets. */
  readonly shadow?: Discipline;
}

/** The ways of some engines, in their order. */
export const waysOf = (engines: readonly Engine[]): Way[] =>
  engines.flatMap((engine) => KINDS.map((kind) => ({ name: `${engine} ${kind}`, engine, kind })));

/** All ways. The first is the reference, bare. */
export const WAYS: readonly Way[] = waysOf(ENGINES);
/** The engines that are compared with the reference. */
export const FAST_ENGINES = ENGINES.filter((engine) => engine !== 'reference');

export function systemOf(spec: GuestSpec, { engine, kind, shadow = 'trace' }: Omit<Way, 'name'>): System {
  return kind === 'bare' ? bareSystem(spec, { engine }) : virtualSystem([spec], { engine, shadow });
}

/** The sides of a comparison of a guest's runs, for `verify`: the reference, bare, and all other ways of the engines. */
export function sidesOf(guest: TestGuest, engines: readonly Engine[] = ENGINES): readonly [Side, ...Side[]] {
  const sides = waysOf(['reference', ...engines.filter((engine) => engine !== 'reference')]).map(
    (way): Side => ({ name: way.name, make: (output) => systemOf(specOf(guest, output), way) }),
  );
  return sides as [Side, ...Side[]]; // there is the reference
}
