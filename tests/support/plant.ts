// Mistakes that a test plants in one side of a comparison: something is done to a guest right after a step.

import type { Engine } from '../../src/machine/engine.ts';
import type { Executor } from '../../src/platform/interleaver.ts';
import { bareSystem, type SystemGuest, virtualSystem, type Wrap } from '../../src/session/system.ts';
import type { Side } from '../../src/session/verify.ts';
import { specOf, type TestGuest } from './guests.ts';

/** What is done once step `step` has been taken, and again after each `every` steps more. */
export interface Planted {
  readonly step: number;
  readonly every?: number;
  readonly change: (guest: SystemGuest) => void;
}

/** The first step after `now` at which something is done. */
function nextStep({ step, every = Number.POSITIVE_INFINITY }: Planted, now: number): number {
  return step > now ? step : step + (Math.floor((now - step) / every) + 1) * every;
}

function planting(planted: Planted): Wrap {
  return (executor, guest): Executor => ({
    run(hart, maxSteps) {
      const { clock } = guest().board;
      const next = nextStep(planted, clock.now);
      const report = executor.run(hart, Math.min(maxSteps, next - clock.now));
      if (clock.now === next) planted.change(guest());
      return report;
    },
  });
}

/** A guest bare on the reference, and virtual on some engine with the planted mistake. */
export function plantedSides(guest: TestGuest, planted: Planted, engine: Engine): readonly [Side, Side] {
  const wrap = planting(planted);
  return [
    { name: 'reference bare', make: (output) => bareSystem(specOf(guest, output), { engine: 'reference' }) },
    {
      name: `${engine} virtual`,
      make: (output) => virtualSystem([specOf(guest, output)], { engine, wrap, shadow: 'trace' }),
    },
  ];
}
