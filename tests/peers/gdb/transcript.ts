// What docs/gdb-transcript.md shows: chapters of commands for the real GDB, on the guest beside this file, each in a session
// of its own. The test runs them and compares what is said, so that the document cannot go stale. Left out: numbers that
// depend on how the monitor goes about its work, such as where its shadow page tables are.

export interface Chapter {
  readonly title: string;
  readonly text: string;
  /** How many virtual machines there are, by their names. */
  readonly guests: readonly string[];
  /** How GDB attaches. */
  readonly way?: string;
  readonly script: {
    /** What is not shown. */
    readonly setup?: string;
    readonly shown: string;
  };
}

export const PREFACE = `# What GDB says

Sessions of the stock \`gdb-multiarch\` with virtual machines that run [guest.s](../tests/peers/gdb/guest.s): a timer interrupts it
while it counts, it then calls its supervisor from user mode, whose code it sees a gigabyte above, and loads from a page that is not
there. \`npm run test:peers\` drives these sessions and compares what is said with this page; \`TRAPEZE_BLESS=1\` writes it.

\`\`\`
npx trapeze asm tests/peers/gdb/guest.s -o guest.elf
npx trapeze run guest.elf --gdb 1234 -S
gdb-multiarch guest.elf -ex 'target remote :1234'
\`\`\`
`;

const USER = 'set $user = 1 << 30\n';

export const CHAPTERS: readonly Chapter[] = [
  {
    title: 'Into a system call, and back out through sret',
    text: '`stepi` over `ecall` is in the handler, over `sret` behind the call; and back in.',
    guests: ['guest'],
    script: {
      setup: USER,
      shown: `break *((char *)&call + $user)
continue
x/i $pc
p $priv
stepi
p $priv
p/x $scause
p $sepc == (long)&call + $user
tbreak return
continue
x/i $pc
stepi
p $priv
p $pc == (void *)((char *)&back + $user)
p $a0
reverse-stepi
p $priv
`,
    },
  },
  {
    title: 'Into a hidden page fault, and a true one',
    text: `The first fetch in user mode faults in the monitor alone: its shadow page tables do not have the page yet. The guest sees nothing of
it: the instruction retires, \`scause\` stays. The load behind the call faults in the guest's own tables, and the guest's handler takes it.`,
    guests: ['guest'],
    script: {
      setup: USER,
      shown: `tbreak *((char *)&user - 4)
continue
x/i $pc
stepi
p $priv
p/x $scause
stepi
p $exit_reason
p $pc == (void *)((char *)&user + $user) + 2
p/x $scause
monitor break trap 13
continue
p $pc == &supervisor_handler
p/x $scause
p/x $stval
p $sepc == (long)&fault + $user
reverse-stepi
x/i $pc
p/x $t0
monitor info breaks
`,
    },
  },
  {
    title: 'Back to a watchpoint, across timer interrupts',
    text: 'Who wrote to `counter`? Between the write and here the timer has interrupted more than once; going back runs over that.',
    guests: ['guest'],
    script: {
      setup: '',
      shown: `tbreak return
continue
p *(long *)&counter
watch *(long *)&counter
reverse-continue
x/i $pc
p *(long *)&counter
delete
monitor break trap interrupt 7
reverse-continue
p $pc == &machine_handler
p/x $mcause
p $mepc >= (long)&count && $mepc < (long)&write
reverse-stepi
p $pc >= &count && $pc < &write
stepi
p $pc == &machine_handler
monitor delete
reverse-continue
monitor info time
`,
    },
  },
  {
    title: 'Exits to the monitor, by their reason',
    text: 'What no breakpoint can stop: the moments at which the guest leaves for the monitor.',
    guests: ['guest'],
    script: {
      shown: `monitor break exit xret
monitor break exit mmio
continue
p $exit_reason
continue
p $exit_reason
monitor delete
monitor break trap 8
continue
p $pc == &supervisor_handler
monitor info breaks
monitor info harts
`,
    },
  },
  {
    title: 'Two virtual machines, two inferiors',
    text: 'Each goes its way: where the first has made its call, the second has taken one step.',
    guests: ['guest', 'guest-2'],
    way: 'target extended-remote',
    script: {
      setup: USER,
      shown: `add-inferior
inferior 2
attach 2
info threads
stepi
inferior 1
tbreak *((char *)&call + $user)
continue
monitor at 2 info time
kill inferiors 1 2
`,
    },
  },
];
