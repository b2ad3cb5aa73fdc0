// Each instruction's definition as a region of its own against the reference, with random operands in random states;
// and what each of them is to a region: which can be a part of one, and which only the core can do.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Decoded } from '../../../isa/decode.ts';
import { FloatStatus, NO_RESERVATION } from '../../../isa/layout.ts';
import { insertFields } from '../../../isa/pattern.ts';
import { roleOf } from '../../../src/machine/translator/region/role.ts';
import { type Form, fieldsOfForm, forms } from '../../isa/support/definitions.ts';
import { RAM, RAM_BYTES } from '../../isa/support/machine.ts';
import { assign, type RandomState, stateArbitrary } from '../../isa/support/random-state.ts';
import { runs } from '../../isa/support/runs.ts';
import { goldenFolder } from '../../support/golden.ts';
import { Rig, regionOf } from './support/rig.ts';

const expectGolden = goldenFolder(new URL('./golden/', import.meta.url));
const rig = new Rig();
const SAMPLES = 4;
/** From one sample to the next. */
const STRIDE = 0x40n;
const PMP_OPEN = 0x1fn;

const length = fc.constantFrom(2 as const, 4 as const);
const decodedOf = (form: Form): fc.Arbitrary<Decoded> =>
  fc.tuple(fc.noBias(fieldsOfForm(form)), length).map(([fields, bytes]) => {
    const { instruction } = form;
    return { instruction, fields, bits: insertFields(instruction.pattern, fields), bytes };
  });
const roleOfForm = (form: Form) => roleOf(fc.sample(decodedOf(form), { numRuns: 1, seed: 1 })[0] as Decoded);

test('what each instruction is to a region', () => {
  expectGolden('roles.txt', `${forms.map((form) => `${form.title}: ${roleOfForm(form)}`).join('\n')}\n`);
});

describe.each([{ kind: 'tlb' }, { kind: 'direct', ramBytes: RAM_BYTES }] as const)('with reach $kind', (reach) => {
  const translatable = forms.filter((form) => roleOfForm(form) !== 'core');
  test.each(translatable)('$title does what it does in the reference', (form) => {
    const program = new Map(
      fc.sample(decodedOf(form), SAMPLES).map((decoded, i) => [RAM + BigInt(i) * STRIDE, decoded]),
    );
    const pcs = [...program.keys()];
    rig.forget();
    rig.load(
      pcs.flatMap((pc) => regionOf(program, pc) ?? []),
      reach,
    );
    const translations = fc.constantFrom('all' as const, 'all' as const, 'none' as const);
    const reservation = fc.option(fc.nat({ max: 31 }));
    const pointer = fc.nat({ max: 0xfff }).map((offset) => RAM + 0x4000n + 8n * BigInt(offset));
    const run = (
      pc: bigint,
      state: RandomState,
      mapped: 'all' | 'none',
      reserved: number | null,
      at: bigint | null,
    ) => {
      for (const hart of [rig.hart, rig.reference]) {
        assign(hart, state, pc);
        hart.pmpcfg0 = PMP_OPEN;
        if (at !== null) {
          hart.setX(program.get(pc)?.fields['rs1'] ?? 0, at);
          hart.mstatus.FS = BigInt(FloatStatus.Dirty);
          hart.fcsr.bits = at & 8n ? 0n : 1n;
        }
        hart.reservation = reserved === null ? NO_RESERVATION : hart.x(reserved);
      }
      rig.forgetTranslations();
      return rig.run(program, 1, mapped);
    };
    fc.assert(
      fc.property(fc.constantFrom(...pcs), stateArbitrary, translations, reservation, fc.option(pointer), (...how) => {
        run(...how);
      }),
      runs(16),
    );
    // In M-mode, where a register can point to memory, at least one does not leave it to the core.
    const state = { ...(fc.sample(stateArbitrary, 1)[0] as RandomState), mode: 3n } as const;
    const taken = pcs.map((pc) => run(pc, state, 'all', null, RAM + 0x4000n));
    if (roleOfForm(form) !== 'raise') expect(Math.max(...taken)).toBe(1);
  });
});
