// Several harts under the built-in SBI: started, stopped and suspended by HSM, and what comes of numbers and addresses
// that make no sense. Each guest checks itself; bare and virtual, and all engines, must agree in every word of every hart.

import { describe, expect, test } from 'vitest';
import { assembleGuest, start } from '../support/assembly.ts';
import { WAYS } from '../support/engines.ts';
import { runHarts, SBI } from '../support/harts/sbi.ts';

const MINUTE = 60_000;

describe('HSM', () => {
  test('starts a hart in S-mode, untranslated and uninterrupted, with its number and an argument', () => {
    runHarts(
      2,
      `
        call    HSM, STATUS, 1
        check   a0, 0
        check   a1, STOPPED
        start   1, other, 0x1234
        call    HSM, START, 1, RAM
        check   a0, ALREADY_AVAILABLE
        li      s0, 1
        wait_for flag, s0
        pass
other:  check   a0, 1
        check   a1, 0x1234
        csrr    t0, satp
        check   t0, 0
        csrr    t0, sstatus
        andi    t0, t0, MSTATUS_SIE
        check   t0, 0
        csrr    t0, sie
        check   t0, 0
        call    HSM, STATUS, 1
        check   a1, STARTED
        count   flag
        j       .
`,
    );
  });

  test.each([2, 4, 8])('starts and stops the others of %i harts again and again', { timeout: MINUTE }, (count) => {
    runHarts(
      count,
      `
        li      s0, 5
1:      li      s1, 1
2:      li      a7, HSM
        li      a6, START
        mv      a0, s1
        la      a1, other
        slli    a2, s0, 4
        ecall
        check   a0, 0
        addi    s1, s1, 1
        li      t0, HARTS
        bltu    s1, t0, 2b
        li      s1, 1
3:      li      a7, HSM                 # until it has stopped
        li      a6, STATUS
        mv      a0, s1
        ecall
        li      t0, STOPPED
        bne     a1, t0, 3b
        addi    s1, s1, 1
        li      t0, HARTS
        bltu    s1, t0, 3b
        addi    s0, s0, -1
        bnez    s0, 1b
        la      t0, counter
        ld      t1, 0(t0)
        check   t1, (5 + 4 + 3 + 2 + 1) * (HARTS - 1)
        pass
other:  csrsi   sie, 2                  # none of this is there at the next start
        srli    a1, a1, 4
        la      t0, counter
        amoadd.d zero, a1, (t0)
        call    HSM, STOP
        j       fail
`,
    );
  });

  test('refuses harts that do not exist, and addresses where no code can be', () => {
    runHarts(
      2,
      `
        .irp    hart, 2, 63, 64, -1, 1 << 32
        call    HSM, START, \\hart, RAM
        check   a0, INVALID_PARAM
        call    HSM, STATUS, \\hart
        check   a0, INVALID_PARAM
        .endr
        .irp    address, 0, 1, RAM + 1, UART, -2, -1, RAM - 2, 1 << 63
        call    HSM, START, 1, \\address
        check   a0, INVALID_ADDRESS
        call    HSM, SUSPEND, NON_RETENTIVE, \\address
        check   a0, INVALID_ADDRESS
        .endr
        .irp    type, 1, 0xfffffff, 0x10000000, 0x7fffffff, 0x80000001, 0xffffffff
        call    HSM, SUSPEND, \\type, RAM
        check   a0, INVALID_PARAM
        .endr
        call    HSM, START, 0, RAM
        check   a0, ALREADY_AVAILABLE
        await_status 1, STOPPED
        pass
`,
    );
  });

  test('a hart that is started where there is no code harms only itself', { timeout: MINUTE }, () => {
    runHarts(
      3,
      `
        start   1, page2                # zeros are no instruction, and its trap goes to address 0
        start   2, other
        li      s0, 50
        wait_for counter, s0
        call    HSM, STATUS, 1
        check   a1, STARTED
        await_status 2, STOPPED
        pass
other:  li      s0, 50
1:      count   counter
        addi    s0, s0, -1
        bnez    s0, 1b
        call    HSM, STOP
        j       fail
`,
    );
  });

  test('suspends a hart until an interrupt that it enables, which others see', { timeout: MINUTE }, () => {
    runHarts(
      2,
      `
        start   1, other
        await_status 1, SUSPENDED
        la      t0, flag
        ld      t1, 0(t0)
        check   t1, 1
        call    IPI, 0, 1, 1
        check   a0, 0
        await_status 1, STOPPED
        la      t0, flag
        ld      t1, 0(t0)
        check   t1, 2
        pass
other:  csrsi   sie, 2
        count   flag
        li      s0, 77
        call    HSM, SUSPEND
        check   a0, 0
        check   s0, 77                  # retention
        csrr    t0, sip
        check   t0, 2
        count   flag
        call    HSM, STOP
`,
    );
  });

  test('suspends a hart without retention: it starts anew at an address', { timeout: MINUTE }, () => {
    runHarts(
      2,
      `
        start   1, other
        await_status 1, SUSPENDED
        call    IPI, 0, 0, ALL
        await_status 1, STOPPED
        la      t0, flag
        ld      t1, 0(t0)
        check   t1, 2
        pass
other:  csrsi   sie, 2
        csrsi   sstatus, MSTATUS_SIE
        count   flag
        li      a7, HSM
        li      a6, SUSPEND
        li      a0, NON_RETENTIVE
        la      a1, again
        li      a2, 0x77
        ecall
        j       fail
again:  check   a0, 1
        check   a1, 0x77
        csrr    t0, sstatus
        andi    t0, t0, MSTATUS_SIE
        check   t0, 0
        csrr    t0, sip
        check   t0, 2
        count   flag
        call    HSM, STOP
`,
    );
  });
});

test('when the last hart stops, the run is over: nothing can start another', () => {
  const bytes = assembleGuest(`${SBI(2)}\n        call HSM, STOP\n`, 's');
  for (const way of WAYS) {
    const { guest } = start(way, { bytes, harts: 2, mode: 's' });
    expect(guest.interleaver.run(1000), way.name).toMatchObject({ status: 'idle', until: Number.POSITIVE_INFINITY });
    expect(guest.board.activity, way.name).toEqual(['stopped', 'stopped']);
  }
});
