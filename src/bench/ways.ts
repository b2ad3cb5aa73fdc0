// The ways to run a guest in this process: bare on each engine, and virtual on one.

import type { Engine } from '../machine/engine.ts';
import { bareSystem, type GuestSpec, type System, virtualSystem } from '../session/system.ts';

export interface Way {
  readonly name: string;
  readonly make: (spec: GuestSpec) => System;
}

export const bareOn = (engine: Engine): Way => ({ name: engine, make: (spec) => bareSystem(spec, { engine }) });

export const virtualOn = (engine: Engine): Way => ({
  name: 'virtual',
  make: (spec) => virtualSystem([spec], { engine }),
});
