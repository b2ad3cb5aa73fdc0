// Where things are in the memory of a random program: its code, frames of code and of data that it changes, and its
// page tables. Every frame has several virtual addresses, with other rights; the second address space swaps neighbours.

export const RAM = 0x8000_0000;
export const PAGE = 4096;
/** The program's own code comes first. */
export const CODE_PAGES = 16;
export const CODE_FRAMES = 8;
export const DATA_FRAMES = 8;
export const CODE = RAM + CODE_PAGES * PAGE;
export const DATA = CODE + CODE_FRAMES * PAGE;
/** Of each of two address spaces: its root, its middle and its lowest table. */
export const TABLES = DATA + DATA_FRAMES * PAGE;
const TABLES_PER_SPACE = 3;
const SPACES = 2;
export const ROOTS = [TABLES, TABLES + TABLES_PER_SPACE * PAGE] as const;
export const MIDDLES = ROOTS.map((root) => root + PAGE);
export const LEAVES = ROOTS.map((root) => root + 2 * PAGE);
const STACK_PAGES = 1;
export const STACK = TABLES + SPACES * TABLES_PER_SPACE * PAGE + (STACK_PAGES * PAGE) / 2;
export const IMAGE_BYTES = STACK + (STACK_PAGES * PAGE) / 2 - RAM;

export const PTE = { V: 1, R: 2, W: 4, X: 8, U: 16, G: 32, A: 64, D: 128 } as const;
const { V, R, W, X, U, A, D } = PTE;
const READ = V | R | A;
const WRITE = READ | W | D;
const EXECUTE = READ | X;
const ALL = WRITE | X;
const PPN_SHIFT = 2n;

/** Windows of small pages in the lowest 2 MiB of virtual memory: where, what they map, and how. */
interface Window {
  readonly at: number;
  readonly frame: number;
  readonly pages: number;
  readonly flags: number;
}
export const WINDOW = {
  codeX: { at: 0x1_0000, frame: CODE, pages: CODE_FRAMES, flags: EXECUTE },
  codeUX: { at: 0x2_0000, frame: CODE, pages: CODE_FRAMES, flags: EXECUTE | U },
  codeRWX: { at: 0x3_0000, frame: CODE, pages: CODE_FRAMES, flags: ALL },
  codeURWX: { at: 0x3_8000, frame: CODE, pages: CODE_FRAMES, flags: ALL | U },
  data: { at: 0x4_0000, frame: DATA, pages: DATA_FRAMES, flags: WRITE },
  dataU: { at: 0x5_0000, frame: DATA, pages: DATA_FRAMES, flags: WRITE | U },
  dataR: { at: 0x6_0000, frame: DATA, pages: DATA_FRAMES, flags: READ },
  /** Neither accessed nor dirty. */
  dataFresh: { at: 0x6_8000, frame: DATA, pages: DATA_FRAMES, flags: V | R | W },
  tables: { at: 0x7_0000, frame: TABLES, pages: SPACES * TABLES_PER_SPACE, flags: WRITE },
  tablesU: { at: 0x7_8000, frame: TABLES, pages: SPACES * TABLES_PER_SPACE, flags: WRITE | U },
  main: { at: 0x10_0000, frame: RAM, pages: CODE_PAGES, flags: ALL },
  mainU: { at: 0x12_0000, frame: RAM, pages: CODE_PAGES, flags: EXECUTE | U },
} as const satisfies Record<string, Window>;

const MEBIBYTE = 0x10_0000;
/** Superpages: all of RAM at once, from these virtual addresses on. */
export const SUPERPAGE = { rwx: 2 * MEBIBYTE, user: 4 * MEBIBYTE, read: 6 * MEBIBYTE } as const;
/** Gigabyte pages: RAM at its own address for S, and higher for U. */
const GIGABYTE = 0x4000_0000;
export const USER = GIGABYTE;

const CLINT = 0x200_0000;
const UART = 0x1000_0000;

export function entryOf(frame: number, flags: number): bigint {
  return (BigInt(frame) >> PPN_SHIFT) | BigInt(flags);
}

/** The place of the entry that maps a small page of a space, by its virtual address. */
export const leafOf = (space: number, address: number): number => (LEAVES[space] as number) + (address / PAGE) * 8;

/** Puts both spaces' page tables into an image. */
export function writeTables(image: DataView): void {
  const write = (at: number, value: bigint) => image.setBigUint64(at - RAM, value, true);
  for (const [space, root] of ROOTS.entries()) {
    const [middle, leaves] = [MIDDLES[space] as number, LEAVES[space] as number];
    write(root, entryOf(middle, V));
    write(root + (RAM / GIGABYTE) * 8, entryOf(RAM, ALL));
    write(root + ((RAM + USER) / GIGABYTE) * 8, entryOf(RAM, ALL | U));
    write(middle, entryOf(leaves, V));
    const superpage = (address: number, frame: number, flags: number) =>
      write(middle + (address / (2 * MEBIBYTE)) * 8, entryOf(frame, flags));
    superpage(SUPERPAGE.rwx, RAM, ALL);
    superpage(SUPERPAGE.user, RAM, ALL | U);
    superpage(SUPERPAGE.read, RAM, READ);
    superpage(CLINT, CLINT, WRITE);
    superpage(UART, UART, WRITE);
    for (const [name, { at, frame, pages, flags }] of Object.entries(WINDOW)) {
      const swapped = space === 1 && !name.startsWith('main');
      for (let page = 0; page < pages; page++) {
        write(leafOf(space, at + page * PAGE), entryOf(frame + (swapped ? page ^ 1 : page) * PAGE, flags));
      }
    }
  }
}

const original = new DataView(new ArrayBuffer(IMAGE_BYTES));
writeTables(original);
/** What a page-table entry is before a program changes it. */
export const originalEntry = (at: number): bigint => original.getBigUint64(at - RAM, true);
