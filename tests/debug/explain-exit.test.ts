// The explanation of an exit of every reason, pinned: a change of a definition or of the wording shows here. What is
// explained is seen where the bundled guests do it, or made up where none does.

import { describe, expect, test } from 'vitest';
import { LANGUAGES } from '../../isa/language.ts';
import { WORD, WORDS } from '../../isa/layout.ts';
import { type Explanation, explainExit, type SeenExit } from '../../src/debug/explain-exit.ts';
import { EXIT_REASONS, type ExitReason } from '../../src/hypervisor/reason.ts';
import { goldenFolder } from '../support/golden.ts';

const expectGolden = goldenFolder(new URL('./golden/', import.meta.url));

/** An exit of this reason that moves the pc alone. */
function seen(reason: ExitReason, { instruction, cause, tval = 0n }: Partial<SeenExit>): SeenExit {
  const before = new BigUint64Array(WORDS);
  before[WORD.pc] = 0x8020_0000n;
  before[WORD.mode] = 1n;
  const after = before.slice();
  after[WORD.pc] = 0x8020_0004n;
  after[WORD.mstatus] = 2n;
  return { reason, before, after, instruction, cause: cause ?? 2n, tval };
}

/** Instructions that exit so. */
const CSRRS_SSTATUS = 0x1002_a073;
const SRET = 0x1020_0073;
const WFI = 0x1050_0073;
const SFENCE_VMA = 0x1200_0073;
const CBO_ZERO = 0x0045_200f;
const ECALL = 0x73;
const EBREAK = 0x10_0073;
const LW = 0x0005_2503;
const SD = 0x00b5_3023;
const EXITS: Readonly<Record<ExitReason, SeenExit>> = {
  csr: seen('csr', { instruction: CSRRS_SSTATUS }),
  xret: seen('xret', { instruction: SRET }),
  wfi: seen('wfi', { instruction: WFI }),
  fence: seen('fence', { instruction: SFENCE_VMA }),
  'cache-block': seen('cache-block', { instruction: CBO_ZERO }),
  ecall: seen('ecall', { instruction: ECALL, cause: 8n }),
  sbi: seen('sbi', { instruction: ECALL, cause: 8n }),
  mmio: seen('mmio', { instruction: LW, cause: 13n, tval: 0x1000_0000n }),
  memory: seen('memory', { instruction: LW, cause: 13n, tval: 0x8040_0000n }),
  'shadow-fill': seen('shadow-fill', { instruction: LW, cause: 13n, tval: 0x4000n }),
  'page-fault': seen('page-fault', { instruction: SD, cause: 15n, tval: 0x5000n }),
  'page-table-write': seen('page-table-write', { instruction: SD, cause: 15n, tval: 0x8030_0000n }),
  misaligned: seen('misaligned', { instruction: LW, cause: 4n, tval: 0x4001n }),
  illegal: seen('illegal', { instruction: 0xffff_ffff }),
  breakpoint: seen('breakpoint', { instruction: EBREAK, cause: 3n }),
  interrupt: seen('interrupt', { instruction: undefined, cause: (1n << 63n) | 5n }),
  'other-injected': seen('other-injected', { instruction: LW, cause: 5n, tval: 0x1n }),
};

const told = ({ reason, what, why, did, changes, definition }: Explanation) =>
  [
    `## ${reason}`,
    ...LANGUAGES.flatMap((language) => [what[language], why[language], did[language]]),
    ...changes.map(({ name, before, after }) => `- ${name}: ${before} → ${after}`),
    ...(definition === undefined
      ? []
      : LANGUAGES.flatMap((language) => [`${definition.title[language]}:`, definition.text[language]])),
    '',
  ].join('\n');

describe('an exit is explained', () => {
  test('for every reason', () => {
    expectGolden('explained-exits.txt', EXIT_REASONS.map((reason) => told(explainExit(EXITS[reason]))).join('\n'));
  });
  test('for each instruction that reads or writes a CSR, whatever its operands', () => {
    for (let funct3 = 1; funct3 < 8; funct3++) {
      if (funct3 === 4) continue;
      for (const source of [0, 5]) {
        const instruction = (0x100 << 20) | (source << 15) | (funct3 << 12) | ECALL;
        expect(explainExit(seen('csr', { instruction })).definition?.text.en).toContain('mstatus');
      }
    }
  });
});
