// The programs of bench/c, built by GCC: each comes to the result that a compiler for the host made of it, on QEMU, bare
// and virtual, in both of its forms.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { buildProgram, C_PROGRAMS } from '../../bench/peers/c-programs.ts';
import { QEMU, qemu } from '../../bench/peers/contenders.ts';
import { timeProcess } from '../../bench/peers/processes.ts';
import { guestOf } from '../../src/bench/guest.ts';
import { bareOn, virtualOn } from '../../src/bench/ways.ts';
import { FORMS } from '../../src/bench/workload.ts';
import { scratchFolder } from '../support/cli.ts';
import { runSteps } from '../support/guests.ts';
import { missingTools } from '../support/tools.ts';

const missing = missingTools('programs in C', ['riscv64-unknown-elf-gcc', QEMU]);
const folder = scratchFolder();
const MOST_STEPS = 5_000_000;
const SECONDS = 60;

describe.skipIf(missing.length > 0).each(C_PROGRAMS.map((program) => ({ name: program.name, program })))(
  '$name',
  ({ name, program }) => {
    test.each(FORMS)('comes to its result: %s', (form) => {
      const elf = buildProgram(program, form, 1, folder);
      const peer = qemu();
      expect(peer && timeProcess(peer.process, { elf }, [], SECONDS)).toHaveProperty('nanoseconds');
      const spec = guestOf(name, new Uint8Array(readFileSync(elf)));
      for (const { make } of [bareOn('reference'), virtualOn('reference')]) {
        const system = make(spec);
        runSteps(system, MOST_STEPS);
        expect(system.guests[0]?.board.outcome).toEqual({ kind: 'exit', code: 0 });
      }
    });
  },
);
