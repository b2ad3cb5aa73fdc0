// The core: everything that emitted code does besides regions, as one module that never changes. Its functions call
// one another in tail position, so that a run is one call from TypeScript however much happens in it.

import { CONTEXTS } from './contexts.ts';
import { type CoreFunction, CoreModule } from './core-module.ts';
import { FLOATS } from './floats.ts';
import { interpret } from './interpreter.ts';
import { PROTECTION } from './protection.ts';
import { REFILLS } from './refill.ts';
import { REFLECTIONS } from './reflect.ts';
import { SELECTION } from './spaces.ts';
import { STEPS } from './steps.ts';
import { TABLES } from './tables.ts';

export const CORE_FUNCTIONS: Readonly<Record<string, CoreFunction>> = {
  ...STEPS,
  ...SELECTION,
  ...CONTEXTS,
  ...TABLES,
  ...PROTECTION,
  ...REFILLS,
  ...REFLECTIONS,
  ...FLOATS,
  interpret,
};

export function coreModule(): CoreModule {
  return new CoreModule(CORE_FUNCTIONS);
}
