// Svinval: sfence.vma in parts, so that many invalidations share their ordering (privileged manual, "Svinval"
// extension). Here each part is the whole of it.

import { instructionsOf } from './definition.ts';
import { illegal } from './illegal.ts';
import { Mode } from './layout.ts';
import type { Machine, Raised, Value } from './vocabulary.ts';

const insn = instructionsOf('Svinval');

/** TVM forbids what names translations, and not the order around it (norm:mstatus_tvm_warl_op). */
function invalidate<V extends Value>(m: Machine<V>, isUnderTvm: boolean): Raised | undefined {
  if (m.is(m.mode, Mode.U)) return illegal(m);
  if (isUnderTvm && m.is(m.mode, Mode.S) && m.isSet(m.mstatus.TVM)) return illegal(m);
  m.fence('translations');
  return undefined;
}

export const svinval = [
  insn('sinval.vma rs1, rs2', '0001011 rs2 rs1 000 00000 1110011', (m) => invalidate(m, true)),
  insn('sfence.w.inval', '0001100 00000 00000 000 00000 1110011', (m) => invalidate(m, false)),
  insn('sfence.inval.ir', '0001100 00001 00000 000 00000 1110011', (m) => invalidate(m, false)),
];
