// What random programs are made of: a few lines of assembly each, about one thing that a translator must get right.
// s1 and s2 point at data, s0 counts the loop around, t3 and t4 hold addresses for a line or two, and all other
// temporaries hold whatever the pieces left in them.

import type { Random } from './random.ts';

/** Pages of the area that holds a program's code and data, and where they are in the image. */
export const AREA = { first: 12, code: 6, data: 3 } as const;
export const AREA_PAGES = AREA.code + AREA.data;

export interface Scope {
  readonly random: Random;
  /** A new name. */
  readonly label: () => string;
  readonly functions: readonly string[];
  readonly chunks: number;
}

type Piece = (scope: Scope) => string;

const REGISTERS = ['t0', 't1', 't2', 'a0', 'a1', 'a2', 'a3', 'a4', 'a5', 's4', 's5', 'zero'];
const BINARY =
  'add sub and or xor sll srl sra slt sltu addw subw sllw srlw sraw mul mulh mulhu mulhsu div divu rem remu mulw divw divuw remw remuw'.split(
    ' ',
  );
const IMMEDIATE = ['addi', 'andi', 'ori', 'xori', 'slti', 'sltiu', 'addiw'];
const SHIFT = ['slli', 'srli', 'srai'];
const LOADS = { lb: 1, lbu: 1, lh: 2, lhu: 2, lw: 4, lwu: 4, ld: 8 } as const;
const STORES = { sb: 1, sh: 2, sw: 4, sd: 8 } as const;
const BRANCHES = ['beq', 'bne', 'blt', 'bge', 'bltu', 'bgeu'];
const ATOMICS = ['amoswap', 'amoadd', 'amoxor', 'amoand', 'amoor', 'amomin', 'amomax', 'amominu', 'amomaxu'];
const READABLE =
  'cycle instret time sstatus scause sepc stval sip sie satp sscratch mstatus mcause mepc mtval mip mie minstret mcycle mcountinhibit misa pmpcfg0'.split(
    ' ',
  );
const PERMISSIONS = [
  'PTE_RWX',
  'PTE_RWX | PTE_U',
  'PTE_RW',
  'PTE_V | PTE_R | PTE_X',
  'PTE_V | PTE_R | PTE_W | PTE_X',
  'PTE_RWX & ~PTE_D',
  'PTE_RWX & ~PTE_A',
  'PTE_V | PTE_X | PTE_A',
  'PTE_RWX | PTE_G',
  '0',
  'PTE_V | PTE_W',
];

const register = ({ random }: Scope) => random.pick(REGISTERS);
const written = (scope: Scope) => {
  const name = register(scope);
  return name === 'zero' && !scope.random.oneIn(4) ? 't0' : name;
};
const base = ({ random }: Scope) => random.pick(['s1', 's1', 's1', 's2']);

export function calculation(scope: Scope): string {
  const { random } = scope;
  const rd = written(scope);
  switch (random.below(4)) {
    case 0:
      return `${random.pick(IMMEDIATE)} ${rd}, ${register(scope)}, ${random.between(-2048, 2047)}`;
    case 1:
      return `${random.pick(SHIFT)} ${rd}, ${register(scope)}, ${random.below(64)}`;
    case 2:
      return random.oneIn(2) ? `lui ${rd}, ${random.below(1 << 20)}` : `auipc ${rd}, ${random.below(16)}`;
    default:
      return `${random.pick(BINARY)} ${rd}, ${register(scope)}, ${register(scope)}`;
  }
}

/** Near s1 and s2; some are misaligned, some lie over the end of a page. */
function offset({ random }: Scope, bytes: number): number {
  if (random.oneIn(6)) return random.between(-16, 64);
  return bytes * random.between(0, 15);
}
function load(scope: Scope): string {
  const name = scope.random.pick(Object.keys(LOADS)) as keyof typeof LOADS;
  return `${name} ${written(scope)}, ${offset(scope, LOADS[name])}(${base(scope)})`;
}
function store(scope: Scope): string {
  const name = scope.random.pick(Object.keys(STORES)) as keyof typeof STORES;
  return `${name} ${register(scope)}, ${offset(scope, STORES[name])}(${base(scope)})`;
}

function skip(scope: Scope): string {
  const over = scope.label();
  const inside = Array.from({ length: scope.random.between(1, 4) }, () => simple(scope));
  return [`${scope.random.pick(BRANCHES)} ${register(scope)}, ${register(scope)}, ${over}`, ...inside, `${over}:`].join(
    '\n',
  );
}

/** A short loop inside another. */
function innerLoop(scope: Scope): string {
  const again = scope.label();
  const inside = Array.from({ length: scope.random.between(1, 4) }, () => simple(scope));
  return [`li s6, ${scope.random.between(1, 5)}`, `${again}:`, ...inside, 'addi s6, s6, -1', `bnez s6, ${again}`].join(
    '\n',
  );
}

function simple(scope: Scope): string {
  return { calculation, load, store }[scope.random.weighed({ calculation: 3, load: 2, store: 2 })](scope);
}

const call: Piece = ({ random, functions }) => {
  const target = random.pick(functions);
  return random.oneIn(3) ? `la t3, ${target}\njalr t3` : `call ${target}`;
};

const jumpTable: Piece = ({ random, label }) => {
  const [first, second, third, end] = [label(), label(), label(), label()];
  return `andi t3, ${random.pick(REGISTERS)}, 3
sltiu t4, t3, 3
neg t4, t4
and t3, t3, t4
slli t3, t3, 3
la t4, ${first}
add t4, t4, t3
jr t4
.option push
.option norvc
.balign 4
${first}: addi a0, a0, 1
j ${end}
${second}: addi a1, a0, 2
j ${end}
${third}: addi a2, a1, 3
${end}:
.option pop`;
};

/** A jump to the upper half of an instruction, which is one of its own; now and then the whole is run. */
const intoTheMiddle: Piece = ({ random, label }) => {
  const [middle, from] = [label(), label()];
  const half = random.pick([0x0505, 0x0589, 0x0001, 0x852e, 0x95aa, 0x8d89, 0x1571]);
  return `la t3, ${middle}
addi t3, t3, 2
andi t4, ${random.pick(REGISTERS)}, 1
bnez t4, ${from}
jr t3
.balign 2
${from}:
${middle}: .half 0x02b7, 0x${half.toString(16)}`;
};

/** One instruction becomes another and back, before or after the store, with a fence or none. */
const selfModifying: Piece = (scope) => {
  const { random, label } = scope;
  const [place, to] = [label(), label()];
  const [one, other] = random.pick([
    ['addi a0, a0, 1', 'addi a0, a0, 2'],
    ['addi a1, a1, 1', 'xori a1, a0, 7'],
    ['add a2, a2, a0', 'sub a2, a2, a1'],
    ['sd a0, 0(s1)', 'ld a0, 8(s1)'],
    ['lw a3, 0(s1)', 'nop'],
    ['addi a4, a4, 3', 'ecall'],
    ['mul a5, a0, a1', '.word 0'],
  ] as const);
  const code = `${place}: ${one}`;
  const [size, at] = random.pick([
    ['w', 0],
    ['w', 0],
    ['h', 0],
    ['h', 2],
    ['b', 1],
    ['b', 3],
    ['b', 2],
  ] as const);
  const change = `la t3, ${to}
l${size} t4, ${at}(t3)
la t3, ${place}
l${size} t5, ${at}(t3)
xor t4, t4, t5
l${size} t5, ${at}(t3)
xor t5, t5, t4
s${size} t5, ${at}(t3)
la t3, ${to}
s${size} t4, ${at}(t3)
${random.oneIn(3) ? 'fence.i' : ''}`;
  const twin = `j 1f\n${to}: ${other}\n1:`;
  const parts = random.oneIn(2) ? [twin, code, change] : [twin, change, code];
  return ['.option push', '.option norvc', ...parts, '.option pop'].join('\n');
};

/** Overwrites an instruction of a function, which may be on another page, with a similar one. */
const patchFunction: Piece = ({ random, functions }) => `la t3, ${random.pick(functions)}_body
li t4, ${random.pick(['0x00150513', '0x00258593', '0x00b60633', '0x00c50533', '0x00000013'])}
sw t4, 0(t3)`;

const areaPage = ({ random }: Scope) => AREA.first + random.below(AREA_PAGES);
const leaves = ({ random }: Scope) => random.pick(['leaves', 'leaves', 'leaves', 'leaves2']);

const mapPage: Piece = (scope) => {
  const page = areaPage(scope);
  const frame = scope.random.oneIn(2) ? areaPage(scope) : page;
  return `la t3, ${leaves(scope)}
li t4, ((RAM + ${frame} * PAGE) >> 2) | (${scope.random.pick(PERMISSIONS)})
sd t4, ${page * 8}(t3)
${scope.random.oneIn(3) ? 'sfence.vma' : ''}`;
};

/** One bit of an entry changes, and back at the next round. */
const togglePermission: Piece = (scope) => `la t3, ${leaves(scope)}
lb t4, ${areaPage(scope) * 8}(t3)
xori t4, t4, ${scope.random.pick(['PTE_W', 'PTE_X', 'PTE_U', 'PTE_A', 'PTE_D', 'PTE_V', 'PTE_R'])}
sb t4, ${areaPage(scope) * 8}(t3)`;

const swapPages: Piece = (scope) => {
  const [one, other] = [areaPage(scope), areaPage(scope)];
  return `la t3, ${leaves(scope)}
ld t4, ${one * 8}(t3)
ld t5, ${other * 8}(t3)
sd t5, ${one * 8}(t3)
sd t4, ${other * 8}(t3)`;
};

const superpage: Piece = ({ random }) =>
  random.pick([
    `la t3, middle\nli t4, (RAM >> 2) | ${random.pick(['PTE_RWX', '(PTE_RWX | PTE_U)', '(PTE_RWX & ~PTE_A)'])}\nsd t4, 0(t3)`,
    'la t3, middle\nli t4, (LEAVES >> 2) | PTE_V\nsd t4, 0(t3)',
    `la t3, ${random.pick(['root', 'root2'])}\nli t4, (MIDDLE >> 2) | PTE_V\nsd t4, 0(t3)`,
    `la t3, root\nli t4, (RAM >> 2) | PTE_RWX\nsd t4, 0(t3)`,
    `la t3, root\nlb t4, 24(t3)\nxori t4, t4, ${random.pick(['PTE_W', 'PTE_A', 'PTE_D', 'PTE_X'])}\nsb t4, 24(t3)`,
  ]);

const switchSpace: Piece = ({ random }) =>
  `li t4, ${random.pick(['0', 'SPACE1', 'SPACE1', 'SPACE2', 'SPACE2', 'SPACE1 | (1 << 44)'])}\ncsrw satp, t4`;

const status: Piece = (scope) => {
  const { random } = scope;
  const bit = random.pick(['SUM', 'SUM', 'MXR', 'MXR', 'SIE', 'SPP']);
  if (random.oneIn(3)) {
    return `li t4, MSTATUS_${random.pick(['MPRV', 'MPRV', 'MPP', 'TVM', 'TW', 'TSR'])}
csrs${' '}mstatus, t4
${simple(scope)}
csrc mstatus, t4`;
  }
  return `li t4, MSTATUS_${bit}\n${random.pick(['csrs', 'csrc'])} sstatus, t4`;
};

const protection: Piece = (scope) => {
  const { random } = scope;
  const page = random.pick([areaPage(scope), areaPage(scope), 3, 9]);
  const shape = random.pick(['PMP_NAPOT', 'PMP_NAPOT', 'PMP_NA4', 'PMP_TOR', '0']);
  const rights = random.pick(['0', 'PMP_R', 'PMP_R | PMP_X', 'PMP_R | PMP_W', 'PMP_X', 'PMP_R | PMP_W | PMP_X']);
  const address =
    shape === 'PMP_NAPOT'
      ? `((RAM + ${page} * PAGE) >> 2) | ${random.pick(['511', '1023', '1'])}`
      : `(RAM + ${page} * PAGE + ${4 * random.below(1024)}) >> 2`;
  return `li t4, ${address}
csrw pmpaddr0, t4
li t4, -1
csrw pmpaddr1, t4
li t4, (PMP_OPEN << 8) | ${shape} | ${rights}
csrw pmpcfg0, t4`;
};
const openProtection = () => 'li t4, -1\ncsrw pmpaddr0, t4\nli t4, PMP_OPEN\ncsrw pmpcfg0, t4';

const reserved: Piece = (scope) => {
  const { random, label } = scope;
  const width = random.pick(['w', 'd']);
  const again = label();
  const between = random.oneIn(2) ? simple(scope) : '';
  const at = random.pick(['s1', 's1', 's2']);
  return `li s6, 3
${again}: lr.${width} a0, (${at})
${between}
addi a0, a0, 1
sc.${width} a1, a0, (${at})
addi s6, s6, -1
beqz s6, ${again}_end
bnez a1, ${again}
${again}_end:`;
};
const atomic: Piece = (scope) =>
  `${scope.random.pick(ATOMICS)}.${scope.random.pick(['w', 'd'])} ${written(scope)}, ${register(scope)}, (${base(scope)})`;

const move: Piece = ({ random }) => {
  const step = random.pick([8, 8, 16, 64, 4, 1, -8, 512, 2048]);
  const at = random.pick(['s1', 's2']);
  return `addi ${at}, ${at}, ${step > 2047 ? 2047 : step}`;
};
/** Where the next accesses go. */
export const point: Piece = (scope) => {
  const { random } = scope;
  const page = random.below(AREA.data);
  const place = random.pick([
    `data + ${page} * PAGE + ${8 * random.below(500)}`,
    `data + ${page} * PAGE + ${8 * random.below(500)}`,
    `data + ${page} * PAGE + PAGE - ${random.between(1, 32)}`,
    `${leaves(scope)} + 256 * 8 + ${8 * random.below(100)}`,
    `pool${random.below(scope.chunks)}`,
  ]);
  return `la ${random.pick(['s1', 's1', 's2'])}, ${place}`;
};
/** The same data by another of its addresses. */
const pointAlias: Piece = ({ random }) => {
  const at = random.pick(['s1', 's2']);
  return `slli ${at}, ${at}, 34
srli ${at}, ${at}, 34
li t4, ${random.pick(['0', 'RAM', 'RAM', 'RAM + USER'])}
add ${at}, ${at}, t4`;
};

const device: Piece = ({ random }) =>
  random.pick([
    'li t3, UART\nsb a0, 0(t3)',
    'li t3, UART\nlbu a1, 5(t3)',
    'li t3, UART\nsb a0, 7(t3)\nlb a2, 7(t3)',
    'li t3, MTIME\nld a1, 0(t3)',
    'li t3, MTIMECMP\nld a1, 0(t3)',
    'li t3, PLIC\nlw a1, 4(t3)\nsw a0, 4(t3)',
    'li t3, MTIME\nlw a1, 0(t3)\naddi a1, a1, 3\nsw a1, 0(t3)',
    'li t3, CLINT\nld a1, 64(t3)',
  ]);

const timer: Piece = ({ random }) =>
  random.pick([
    `li t3, MTIME\nld t4, 0(t3)\naddi t4, t4, ${random.below(4)}\nli t3, MTIMECMP\nsd t4, 0(t3)`,
    `csrr t4, time\naddi t4, t4, ${random.below(4)}\ncsrw stimecmp, t4`,
  ]);
const interrupt: Piece = ({ random }) =>
  random.pick([
    'li t3, CLINT\nli t4, 1\nsw t4, 0(t3)',
    `csrsi ${random.pick(['sip', 'mip'])}, 2`,
    'li t4, 1 << 9\ncsrs mip, t4',
    `${random.pick(['csrsi', 'csrci'])} sstatus, MSTATUS_SIE`,
    `${random.pick(['csrsi', 'csrsi', 'csrci'])} mstatus, MSTATUS_MIE`,
    `li t4, ${random.below(4096)}\ncsrw ${random.pick(['mie', 'sie'])}, t4`,
    `li t4, ${random.below(4096)}\ncsrw mideleg, t4`,
    `li t4, ${random.below(65536)}\ncsrw medeleg, t4`,
  ]);
const wait = () => 'wfi';

const counter: Piece = (scope) => {
  const { random } = scope;
  const rd = written(scope);
  return random.pick([
    `csrr ${rd}, ${random.pick(READABLE)}`,
    `csrr ${rd}, ${random.pick(['cycle', 'instret', 'time', 'minstret', 'mcycle'])}`,
    `csrw ${random.pick(['minstret', 'mcycle'])}, ${register(scope)}`,
    `csrwi mcountinhibit, ${random.pick([0, 1, 4, 5])}`,
    `csrrw ${rd}, ${random.pick(['minstret', 'mcycle', 'sscratch', 'mscratch'])}, ${register(scope)}`,
    `csrr t4, instret\n${simple(scope)}\ncsrr t3, instret\nsub ${rd}, t3, t4`,
    `csrwi ${random.pick(['mcounteren', 'scounteren'])}, ${random.below(8)}`,
  ]);
};

const mode: Piece = ({ random }) => `li a7, ${random.pick([0, 1, 3, 4, 5, 5, 1, 0])}\necall`;
const returns: Piece = ({ random, label }) => {
  const to = label();
  const from = random.pick(['s', 'm']);
  return `la t3, ${to}\ncsrw ${from}epc, t3\n${from}ret\n${to}:`;
};
const fault: Piece = (scope) =>
  scope.random.pick([
    '.word 0',
    'ebreak',
    '.half 0',
    'li t3, 0x7000000000000000\nld a0, 0(t3)',
    `lr.d a0, (s1)\naddi t3, s1, 4\namoadd.d a1, a0, (t3)`,
    'csrw cycle, a0',
    'sfence.vma',
    'fence.i',
    'fence',
  ]);

/** Loads behind a base that comes out of the pieces before. */
const wild: Piece = (scope) => `andi t3, ${register(scope)}, -8
slli t3, t3, ${scope.random.pick([45, 50, 52])}
srli t3, t3, ${scope.random.pick([45, 50, 52])}
add t3, t3, ${base(scope)}
${scope.random.pick(['ld a0, 0(t3)', 'sd a1, 0(t3)', 'lw a2, 4(t3)', 'sb a0, 1(t3)'])}`;

const PIECES = {
  calculation,
  load,
  store,
  skip,
  innerLoop,
  call,
  jumpTable,
  intoTheMiddle,
  selfModifying,
  patchFunction,
  mapPage,
  togglePermission,
  swapPages,
  superpage,
  switchSpace,
  status,
  protection,
  openProtection,
  reserved,
  atomic,
  move,
  point,
  pointAlias,
  device,
  timer,
  interrupt,
  wait,
  counter,
  mode,
  returns,
  fault,
  wild,
} as const satisfies Record<string, Piece>;

export type PieceName = keyof typeof PIECES;
export type Weights = Readonly<Record<PieceName, number>>;

export function piece(scope: Scope, weights: Weights): string {
  return PIECES[scope.random.weighed(weights)](scope);
}
