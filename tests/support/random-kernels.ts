// Random kernels: scripts for random-kernel.s, which is assembled once, with random page tables. A *fenced* one fences
// each edit and maps no table writably, so that all disciplines must agree with the bare machine; a *wild* one does
// what it likes. Each is made from one integer.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CSRS } from '../../isa/csrs.ts';
import { INSTRUCTIONS } from '../../isa/instructions.ts';
import { insertFields } from '../../isa/pattern.ts';
import { assemble } from '../../src/asm/assemble.ts';
import { renderDiagnostics } from '../../src/asm/diagnostic.ts';
import { generator } from './random-programs.ts';

const MEBIBYTE = 1024 * 1024;
/** Two superpages: the first holds code and tables, the second nothing. */
export const KERNEL_RAM_BYTES = 4 * MEBIBYTE;
const RAM = 0x8000_0000n;
const PAGE = 4096n;
const TABLES = 8;
const DATA = 4;
const LINE_BYTES = 32;
const LINES = 60;
const SLOTS = 64;
const SCRIPT_BYTES = Math.ceil(((LINES * 2 + 3) * LINE_BYTES) / 4096) * 4096;
const BLOCK_BYTES = SCRIPT_BYTES + (TABLES + DATA) * 4096;
type Random = (below: number) => number;

const Operation = {
  end: 0,
  edit: 1,
  fenceAll: 2,
  fenceAddress: 3,
  fenceSpace: 4,
  fenceBoth: 5,
  satp: 6,
  status: 7,
  go: 8,
  delegate: 9,
  protect: 10,
  device: 11,
  environment: 12,
} as const;

const PTE = { V: 1n, R: 2n, W: 4n, X: 8n, U: 16n, G: 32n, A: 64n, D: 128n } as const;
const STATUS = { SUM: 1n << 18n, MXR: 1n << 19n, TVM: 1n << 20n, TSR: 1n << 22n } as const;
const [UART_STATUS, UART_SCRATCH, CLINT_TIME] = [0x1000_0005n & ~3n, 0x1000_0007n, 0x200_bff8n] as const;
const OPEN = 0x1fn;
const ADUE = 1n << 61n;
/** OFF, TOR and NAPOT. What NA4 matches in part fails in M-mode too. */
const UNLOCKED = [0, 1 << 3, 3 << 3] as const;
/** Registers that an instruction of S or U may write: the script's own are not among them. */
const FREE = [0, 10, 11, 12, 13, 14, 15, 16, 17] as const;

const read = (name: string) => readFileSync(fileURLToPath(new URL(name, import.meta.url)), 'utf8');

interface Base {
  readonly bytes: Uint8Array;
  readonly at: (symbol: string) => bigint;
}
let made: Base | undefined;
/** The kernel without its script, and where its parts are. */
function base(): Base {
  if (made !== undefined) return made;
  const source = { name: 'kernel.s', text: `${read('prelude.s')}\n.balign 4\n${read('random-kernel.s')}\n` };
  const { image, diagnostics } = assemble([source], { defines: { START_IN_M: '1' } });
  if (image === undefined) throw new Error(renderDiagnostics(diagnostics));
  const symbols = new Map(image.symbols.map(({ name, value }) => [name, value]));
  const at = (symbol: string) => {
    const value = symbols.get(symbol);
    if (value === undefined) throw new Error(`no ${symbol} in random-kernel.s`);
    return value;
  };
  made = { bytes: image.raw, at };
  return made;
}

const system = INSTRUCTIONS.filter(({ extension }) => extension === 'Zicsr' || extension === 'Privileged');
const csrNumbers = CSRS.map(({ number }) => number);

/**
 * So many kernels in a row, in one image: making a machine takes longer than a kernel.
 * @param isWild whether they may edit without a fence, and map their tables writably.
 */
export function randomKernels(seed: number, count: number, isWild: boolean): Uint8Array {
  const { bytes, at } = base();
  const start = Number(at('script') - RAM);
  const image = new Uint8Array(start + count * BLOCK_BYTES);
  image.set(bytes);
  const view = new DataView(image.buffer);
  const random = generator((seed * 2 + Number(isWild) + 1) * 0x9e37_79b1);
  placeInstructions(view, Number(at('instruction') - RAM), random);
  for (let index = 0; index < count; index++) {
    // The last may lock itself out.
    place(view, start + index * BLOCK_BYTES, { random, at, isWild, isLast: index === count - 1 });
  }
  return image;
}

function placeInstructions(view: DataView, instructions: number, random: Random): void {
  for (let slot = 0; slot < SLOTS; slot++) {
    const { pattern } = system[random(system.length)] as (typeof system)[number];
    const fields: Record<string, number> = {};
    for (const { name, width } of pattern.fields) {
      fields[name] =
        name === 'csr'
          ? (csrNumbers[random(csrNumbers.length)] as number)
          : name === 'rd'
            ? (FREE[random(FREE.length)] as number)
            : random(2 ** Math.min(width, 31));
    }
    view.setUint32(instructions + slot * 8, insertFields(pattern, fields), true);
  }
}

/** A kernel: its script, tables and data. */
function place(
  view: DataView,
  block: number,
  { random, at, isWild, isLast }: { random: Random; at: Base['at']; isWild: boolean; isLast: boolean },
): void {
  const pick = <T>(from: readonly T[]): T => from[random(from.length)] as T;
  const pages = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => RAM + BigInt(block + SCRIPT_BYTES) + BigInt(from + index) * PAGE);
  const tables = pages(0, TABLES);
  const data = pages(TABLES, DATA);
  const code = at('code');
  const indices = [0, 1, 2, 3, 7, 8, 511] as const;
  const entryFor = (frame: bigint, flags: bigint) => ((frame >> 12n) << 10n) | flags;
  const flags = (isWritable: boolean) => {
    const all = [PTE.V, PTE.R, ...(isWritable ? [PTE.W] : []), PTE.X, PTE.U, PTE.G, PTE.A, PTE.D];
    // Most of them make sense.
    if (random(3) > 0)
      return (
        PTE.V | PTE.R | PTE.A | (isWritable ? PTE.W | PTE.D : 0n) | (random(2) ? PTE.X : 0n) | (random(2) ? PTE.U : 0n)
      );
    return all.reduce((sum, flag) => (random(4) > 0 ? sum | flag : sum), 0n);
  };
  const randomEntry = (): bigint => {
    switch (random(10)) {
      case 0:
        return 0n;
      case 1:
        return isWild ? (BigInt(random(2 ** 31)) << 20n) | BigInt(random(2 ** 20)) : 0n;
      case 2: // a large page: of the second superpage, or, if it cannot be written, of all
        return random(2) ? entryFor(RAM + 0x20_0000n, flags(true)) : entryFor(RAM, flags(isWild));
      case 3:
      case 4:
        return entryFor(pick(tables), PTE.V);
      case 5:
        return entryFor(pick([...tables, code]), flags(isWild));
      case 6:
        return entryFor(code, PTE.V | PTE.R | PTE.X | PTE.A | PTE.D | (random(2) ? PTE.U : 0n));
      default:
        return entryFor(pick(data), flags(true));
    }
  };
  for (const table of tables) {
    const isRoot = table === tables[0] || table === tables[1];
    for (const index of indices) {
      const entry = isRoot ? entryFor(pick(tables.slice(2, 4)), PTE.V) : randomEntry();
      view.setBigUint64(Number(table - RAM) + index * 8, entry, true);
    }
  }
  // A way to some code and data, whatever the rest is.
  const word = (table: bigint, index: number, entry: bigint) =>
    view.setBigUint64(Number(table - RAM) + index * 8, entry, true);
  const [root, , middle, , leaves] = tables as [bigint, bigint, bigint, bigint, bigint];
  word(root, 0, entryFor(middle, PTE.V));
  word(middle, 0, entryFor(leaves, PTE.V));
  word(leaves, 0, entryFor(code, PTE.V | PTE.R | PTE.X | PTE.A | PTE.D));
  word(leaves, 1, entryFor(code, PTE.V | PTE.R | PTE.X | PTE.A | PTE.D | PTE.U));

  const address = () => {
    if (random(3) > 0) return (BigInt(random(4)) << 12n) | BigInt(random(512) * 8);
    const top = pick([0n, 0n, 0n, 1n, 2n, 511n]);
    const canonical = top === 511n ? 0xffff_ff80_0000_0000n : 0n;
    const within = pick([0n, 8n, 0x7f8n, 0xff8n, 0xffcn, BigInt(random(4096))]);
    return (
      canonical | (top << 30n) | (BigInt(pick([0, 0, 0, 1, 511])) << 21n) | (BigInt(pick(indices)) << 12n) | within
    );
  };
  const places = ['load', 'store', 'swap'].map((name) => at(name) - code);
  const pc = () => {
    const offset = random(4) === 0 ? at('instruction') - code + BigInt(random(SLOTS) * 8) : pick(places);
    return random(12) === 0 ? address() : BigInt(random(2)) * PAGE + offset; // S's page, or U's
  };
  const satp = () => {
    const table = random(8) === 0 ? pick(tables) : pick(tables.slice(0, 2));
    const mode = random(16) === 0 ? pick([0n, 9n]) : 8n;
    return (mode << 60n) | (BigInt(random(3)) << 44n) | (table >> 12n);
  };
  const bits = () => Object.values(STATUS).reduce((sum, bit) => (random(3) === 0 ? sum | bit : sum), 0n);

  // Most edits are of entries that something may derive from.
  const editable = () =>
    random(3) > 0
      ? pick([middle, leaves, leaves, leaves]) + BigInt(random(4)) * 8n
      : pick(tables) + BigInt(pick(indices)) * 8n;

  let lineAt = block;
  const line = (operation: number, ...rest: bigint[]) => {
    view.setBigUint64(lineAt, BigInt(operation), true);
    for (const [index, value] of rest.entries())
      view.setBigUint64(lineAt + 8 * (index + 1), BigInt.asUintN(64, value), true);
    lineAt += LINE_BYTES;
  };
  line(Operation.satp, (8n << 60n) | (root >> 12n));
  line(Operation.environment, random(2) ? ADUE : 0n);
  for (let count = 0; count < LINES; count++) {
    switch (random(16)) {
      case 0:
      case 1:
      case 2:
        line(Operation.edit, editable(), randomEntry());
        if (!isWild) line(Operation.fenceAll);
        break;
      case 3:
        line(
          pick([Operation.fenceAll, Operation.fenceAddress, Operation.fenceSpace, Operation.fenceBoth]),
          address(),
          BigInt(random(3)),
        );
        break;
      case 4:
        line(Operation.satp, satp());
        break;
      case 5:
        line(Operation.status, bits(), bits() & ~(random(8) ? STATUS.TVM : 0n));
        break;
      case 6:
        line(
          Operation.delegate,
          random(2) ? BigInt(random(2 ** 16)) : 0n,
          pick([at('supervisor') - code, 1n * PAGE + (at('supervisor') - code)]),
        );
        break;
      case 7:
        if (random(4) === 0)
          line(
            Operation.protect,
            (pick([...data, ...tables]) >> 2n) | BigInt(random(4) * 0x1ff),
            (OPEN << 8n) | BigInt(isLast ? random(256) : pick(UNLOCKED) | random(8)),
          );
        else line(Operation.device, pick([UART_STATUS, CLINT_TIME]), BigInt(random(256)), UART_SCRATCH);
        break;
      default:
        line(Operation.go, pc(), address(), BigInt(random(2)));
    }
  }
  line(Operation.end, isLast ? 0n : RAM + BigInt(block + BLOCK_BYTES));
}
