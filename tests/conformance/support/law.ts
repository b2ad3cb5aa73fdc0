// A rule of the manual as a guest that checks itself, run in all ways: each engine, bare and virtual.
// The guest is assembly behind tests/support/prelude.s; its title is what the rule says of it.
// Left out: rules that no guest can see, which are tested beside the code that keeps them.

import { test } from 'vitest';
import { type CaseOptions, runCase } from '../../support/assembly.ts';

export function law(title: string, _rules: readonly string[], guest: string, options: CaseOptions = {}): void {
  test(title, () => {
    runCase(guest, options);
  });
}
