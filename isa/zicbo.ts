// Zicbom and Zicboz: operations on the block of a cache that holds an address (unprivileged manual, "CMO" extensions).
// No hart has a cache that another could see through, so managing one is a question of rights alone: cbo.inval too
// changes nothing, which is lawful even where it does not flush (norm:cbo-inval_op). Zicbop's prefetches are hints of ori.

import { instructionsOf } from './definition.ts';
import { illegal } from './illegal.ts';
import { Mode } from './layout.ts';
import type { Machine, Value } from './vocabulary.ts';

const zicbomInsn = instructionsOf('Zicbom');
const zicbozInsn = instructionsOf('Zicboz');

type Control = 'CBIE' | 'CBCFE' | 'CBZE';

/** Whether menvcfg keeps it from S and U, or senvcfg from U (norm:menvcfg_cbze_op, norm:senvcfg_cbze and their like). */
function isDenied<V extends Value>(m: Machine<V>, control: Control): boolean {
  if (m.is(m.mode, Mode.M)) return false;
  if (!m.isSet(m.menvcfg[control])) return true;
  return m.is(m.mode, Mode.U) && !m.isSet(m.senvcfg[control]);
}

const manage =
  (control: Control) =>
  <V extends Value>(m: Machine<V>, { rs1 }: { readonly rs1: V }) => {
    if (isDenied(m, control)) return illegal(m);
    m.block('manage', rs1);
  };

export const zicbom = [
  zicbomInsn('cbo.inval (rs1)', '000000000000 rs1 010 00000 0001111', manage('CBIE')),
  zicbomInsn('cbo.clean (rs1)', '000000000001 rs1 010 00000 0001111', manage('CBCFE')),
  zicbomInsn('cbo.flush (rs1)', '000000000010 rs1 010 00000 0001111', manage('CBCFE')),
];
export const zicboz = [
  zicbozInsn('cbo.zero (rs1)', '000000000100 rs1 010 00000 0001111', (m, { rs1 }) => {
    if (isDenied(m, 'CBZE')) return illegal(m);
    m.block('zero', rs1);
  }),
];
