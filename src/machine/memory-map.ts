// The map of the machine's one linear memory: state blocks with each hart's scratch words behind them, translation
// spaces, what is known of each frame, pre-decoded instructions, and RAM. All places are constants, so that emitted
// code holds them; the tables are as large as the largest RAM needs, and what is not touched costs nothing.

import { assert } from '../../isa/assert.ts';
import { STATE_BYTES } from '../../isa/state.ts';

const MEBIBYTE = 0x10_0000;
export const FRAME_BYTES = 4096;
export const FRAME_SHIFT = 12;
/** The reach of a 32-bit wasm address. */
export const MEMORY_LIMIT_BYTES = 0x1_0000_0000;
const MOST_FRAMES = MEMORY_LIMIT_BYTES / FRAME_BYTES;

// Nothing lives in the first page, so that a zero address is a bug seen.
export const STATES_AT = 0x1000;
/** A state block, the sink of writes to x0, and scratch words. */
export const STATE_STRIDE = 0x800;

/** Words of the machine as a whole: of one thread, so whatever one emitted function leaves here the next may use. */
const GLOBALS_AT = 0xf_f000;
export const GLOBAL = {
  /** i64: bytes of RAM. */
  ramBytes: GLOBALS_AT,
  /** i32: how many page-table entries the walk in progress has read, and i64 each, four at most: their physical addresses. */
  walked: GLOBALS_AT + 8,
  walk: GLOBALS_AT + 16,
  /** i32: counts the spaces that gave way to another. */
  evictions: GLOBALS_AT + 48,
  /** i32: the record that is to be decoded, or whose step was left aside; or 0: then the frame that is to have records. */
  record: GLOBALS_AT + 52,
  frame: GLOBALS_AT + 56,
  /** i32: how many steps what was just done takes off the end of the budget. */
  cut: GLOBALS_AT + 60,
  /** i64: a device's register, while one instruction reads or writes it here. */
  window: GLOBALS_AT + 64,
  /** i64: counts choices of a context's root. */
  chosen: GLOBALS_AT + 72,
  /** i32: the entry of ROOTS that lacks its root; and whether a walk of a context's tables lacked a write. */
  root: GLOBALS_AT + 80,
  walkWrites: GLOBALS_AT + 84,
  /** Of the last walk of a context's tables: i32, how many entries it has read; i64, where it ended, physically. */
  contextWalked: GLOBALS_AT + 88,
  contextPhysical: GLOBALS_AT + 96,
  /** i64 each: an entry's physical address, as the context sees it, and its bits. */
  contextWalk: GLOBALS_AT + 104,
  /** i64: which spaces are in use, a bit each. */
  used: GLOBALS_AT + 168,
  /** i32: whether pages are looked out for; a bit each for loads and stores, by a hash of their number. */
  looksOut: GLOBALS_AT + 176,
  lookout: { load: GLOBALS_AT + 192, store: GLOBALS_AT + 704 },
} as const;
const STATES_END = GLOBALS_AT;
/** As many as the gap between two of GLOBAL.lookout has bits; a page's number is folded once by as many. */
export const LOOKOUT_PAGES = 4096;
export const LOOKOUT_SHIFT = Math.log2(LOOKOUT_PAGES);
/** How many harts and virtual CPUs a machine has room for. */
export const STATE_BLOCKS = Math.floor((STATES_END - STATES_AT) / STATE_STRIDE);

export const SPACES_AT = MEBIBYTE;

/** Words behind a state block that emitted code works with, by their offset from the block's start. */
export const SCRATCH = {
  /** i32: places of the spaces that translate loads and stores, and fetches. */
  dataSpace: 0x600,
  fetchSpace: 0x604,
  /** i32: a number for all that a translation depends on besides satp, mode, SUM and MXR: the PMP and ADUE. */
  protection: 0x608,
  /** i32: not zero where traps to M-mode leave the run. */
  trapsLeave: 0x60c,
  /** i32: what was left of the budget when steps were last counted, and when the run began. */
  counted: 0x610,
  budget: 0x614,
  /** i32: why the run came back, one of ExitCode; and what comes with it. */
  exit: 0x618,
  /** i64: cause and trap value of a trap that left. */
  cause: 0x620,
  tval: 0x628,
  /** i64: mtime in board steps at the run's beginning, and what a write to mtime has added, in ticks. */
  now: 0x630,
  timeOffset: 0x638,
  /** i64: steps taken by the interpreter. */
  interpreted: 0x640,
  /** i64: events since the start, by what they are. */
  loadMisses: 0x648,
  storeMisses: 0x650,
  fetchMisses: 0x658,
  jumpMisses: 0x660,
  traps: 0x668,
  asides: 0x670,
  /** i64: ways out of regions to the core. */
  lookupExits: 0x678,
  foreignExits: 0x680,
  budgetExits: 0x688,
  trapExits: 0x690,
  jumpExits: 0x698,
  /** i32: the block whose rights over memory count here: a hart's is its own, a context's that of the hart it runs on. */
  host: 0x6a0,
  /** i32: exceptions that leave the run, as bits by cause; an environment call from S only where nobody answers it. */
  leaving: 0x6a4,
  /** Of a context. i64: where its memory begins, physically, as it sees it, and its bytes; i32: where that is here. */
  ramBase: 0x6a8,
  ramBytes: 0x6b0,
  ramAt: 0x6b8,
  /** i64: what was done for it in place of leaving: CSR accesses, returns from traps, fences, interrupts taken, devices, tables, waits. */
  csrs: 0x6c0,
  returns: 0x6c8,
  fences: 0x6d0,
  interrupts: 0x6d8,
  deviceAccesses: 0x6e0,
  tableStores: 0x6e8,
  waits: 0x6f0,
  /** i64 each: exceptions taken, by cause. */
  exceptions: 0x6f8,
  /** i32: whether its fences are told of, and its writes to satp. */
  tellsFences: 0x778,
  tellsSatp: 0x77c,
  /** i32: whether a run comes back behind each trap that is taken. */
  tellsTraps: 0x780,
  /** i32: accesses that the PMP permits S and U anywhere, bits of OPEN. */
  open: 0x784,
} as const;
export const OPEN = { fetch: 1, load: 2, store: 4 } as const;
/** Causes of exceptions that are counted apart. */
export const EXCEPTIONS = 16;
assert(STATE_BYTES + 8 <= SCRATCH.dataSpace, 'the state block and the sink end before the scratch words');
assert(SCRATCH.exceptions + 8 * EXCEPTIONS <= SCRATCH.tellsFences, 'each cause has its own');
assert(SCRATCH.open + 4 <= STATE_STRIDE, 'the scratch words end before the next block');

/**
 * A space holds what is remembered of one context: translations of loads, stores and fetches, and where the code of
 * a pc is. An entry has 16 bytes. Of a translation: i64 the page's virtual address, i32 its place. Of the jump
 * cache: i64 pc, i32 index in the function table, i32 entry. An entry whose tag belongs to another slot is empty.
 */
export const ENTRY = { bytes: 16, tag: 0, place: 8, function: 8, entry: 12 } as const;
export const SPACE = { load: 0, store: 0x1_0000, jumps: 0x2_0000, fetch: 0x3_0000 } as const;
export const SPACE_BYTES = 0x4_0000;
export const SPACES = 64;
/** Entries of the TLBs of loads and stores and of the jump cache, and of the TLB of fetches. */
export const DATA_ENTRIES = 4096;
export const JUMP_ENTRIES = 4096;
export const FETCH_ENTRIES = 1024;
export const spaceAt = (index: number) => SPACES_AT + index * SPACE_BYTES;

/** What each space is of, 16 bytes each: i64 satp, i32 the rest of the context, or 0 where it is nobody's. */
export const SPACE_KEYS_AT = SPACES_AT + SPACES * SPACE_BYTES;
export const SPACE_KEY = { bytes: 16, satp: 0, rest: 8 } as const;

/**
 * The roots that are known of a context, by all that its translation depends on: 32 bytes each. i64 its satp, i32 the
 * rest of the key; i64 the satp that its hart then has, 0 where that is not known; i64 when it was last chosen.
 */
export const ROOT = { bytes: 32, satp: 0, rest: 8, root: 16, chosen: 24 } as const;
/** A context's are in pairs, half a block's size together. */
export const ROOT_PAIRS = 16;
export const rootsAt = (base: number) => ROOTS_AT + base / 2;
assert(ROOT_PAIRS * 2 * ROOT.bytes === STATE_STRIDE / 2, 'as many roots as each context has room for');

/** Pre-decoded instructions: a record for each halfword of a frame, and one behind the last. */
export const RECORDS_AT = SPACE_KEYS_AT + 0x1_0000;
export const RECORD_SHIFT = 4;
export const RECORDS_PER_FRAME = FRAME_BYTES / 2;
export const RECORD_FRAME_BYTES = (RECORDS_PER_FRAME + 1) << RECORD_SHIFT;
export const RECORD_FRAMES = 512;

/** Behind the records: the roots of the context whose block is at twice the distance from the memory's start. */
export const ROOTS_AT = RECORDS_AT + RECORD_FRAMES * RECORD_FRAME_BYTES;

// What is known of each frame of RAM, in tables by frame number.
const FRAMES_AT = Math.ceil((ROOTS_AT + STATES_END / 2) / MEBIBYTE) * MEBIBYTE;
export const FRAME = {
  /** u8: bits of Watched. */
  flags: FRAMES_AT,
  /** u64: a bit for each 64 bytes that hold code that was decoded or a page-table entry that was read. */
  lines: FRAMES_AT + MOST_FRAMES,
  /** u32: where its records are, or 0. */
  records: FRAMES_AT + MOST_FRAMES * 9,
  /** u32, twice: places of the entries in store TLBs that map it, as far as they still do; MANY_SLOTS first if more. */
  slots: FRAMES_AT + MOST_FRAMES * 13,
  /** u64: the virtual address that its first entry maps, as a last-level table, with LEAF_TABLE; ANY_TABLE; or 0. */
  tableOf: FRAMES_AT + MOST_FRAMES * 21,
} as const;
export const LINE_SHIFT = 6;
export const MANY_SLOTS = 1;
/** In the low bits of `tableOf`: what a valid entry there maps, alone; or that this is not known, or a table itself. */
export const LEAF_TABLE = 1;
export const ANY_TABLE = 2;

export const RAM_AT = Math.ceil((FRAMES_AT + MOST_FRAMES * 29) / MEBIBYTE) * MEBIBYTE;
export const RAM_LIMIT_BYTES = MEMORY_LIMIT_BYTES - RAM_AT;
