// The whole state after each sequence, as QEMU and as Trapeze left it in the image, and where a difference begins:
// both sides are stepped from the start of the sequence until a register, a CSR or the mode is not the same.

import { Cause } from '../../../isa/causes.ts';
import { decode } from '../../../isa/decode.ts';
import { WORD_NAMES } from '../../../isa/layout.ts';
import { ABI_NAMES, FLOAT_ABI_NAMES } from '../../../isa/registers.ts';
import type { Batch } from './batch.ts';
import { ADDRESS } from './harness.ts';
import {
  CSR_ORDER,
  csrOffset,
  DOUBLE,
  FCSR_OFFSET,
  floatOffset,
  HARNESS,
  PAGE,
  REGION,
  regionAddress,
  registerOffset,
} from './layout.ts';
import type { Ours } from './ours.ts';
import { Qemu, RAM_BASE } from './qemu.ts';

const RUN_MS = 20_000;
const MAX_STEPS = 2000;
const SD = 63;

export interface Difference {
  readonly sequence: number;
  /** 'x5: QEMU 0x…, ours 0x…' */
  readonly places: readonly string[];
}

/** Runs the batch's image on QEMU, and compares what it leaves with what Trapeze left. */
export async function compareOnQemu(batch: Batch): Promise<Difference[]> {
  const qemu = await Qemu.start(batch.before);
  try {
    await qemu.setBreakpoint(ADDRESS.done);
    const ended = await qemu.run(RUN_MS);
    const theirs = qemu.ramImage(batch.before.length);
    if (!ended) {
      const pointer = new DataView(theirs.buffer).getBigUint64(Number(ADDRESS.pointer - RAM_BASE), true);
      const sequence = Number((pointer - regionAddress(0)) / BigInt(REGION.bytes));
      const pc = (await qemu.register('pc'))?.toString(16);
      return [{ sequence, places: [`QEMU never ended it; pc 0x${pc}`] }];
    }
    return differences(theirs, batch.after, batch.starts.length);
  } finally {
    qemu.stop();
  }
}

function differences(theirs: Uint8Array, ours: Uint8Array, sequences: number): Difference[] {
  const found: Difference[] = [];
  for (let sequence = 0; sequence < sequences; sequence++) {
    const offset = HARNESS.pages * PAGE + sequence * REGION.bytes;
    const [a, b] = [theirs, ours].map((image) => image.subarray(offset, offset + REGION.bytes)) as [
      Uint8Array,
      Uint8Array,
    ];
    if (Buffer.compare(a, b) === 0) continue;
    const places = differingPlaces(a, b);
    if (places.length > 0) found.push({ sequence, places });
  }
  return found;
}

function differingPlaces(theirs: Uint8Array, ours: Uint8Array): string[] {
  const places: string[] = [];
  const [a, b] = [theirs, ours].map((bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)) as [
    DataView,
    DataView,
  ];
  for (let at = 0; at < REGION.bytes; at += DOUBLE) {
    const [x, y] = [a.getBigUint64(at, true), b.getBigUint64(at, true)];
    if (x !== y) places.push(`${placeName(at)}: QEMU 0x${x.toString(16)}, ours 0x${y.toString(16)}`);
  }
  return places;
}

function placeName(offset: number): string {
  const inAfter = offset - REGION.after;
  const register = ABI_NAMES.findIndex((_, index) => index > 0 && registerOffset(index) === inAfter);
  if (register > 0) return `x${register}`;
  const float = ABI_NAMES.findIndex((_, index) => floatOffset(index) === inAfter);
  if (float >= 0) return `f${float}`;
  if (inAfter === FCSR_OFFSET) return 'fcsr';
  const csr = CSR_ORDER.findIndex((_, index) => csrOffset(index) === inAfter);
  if (csr >= 0) return CSR_ORDER[csr] as string;
  const part = (['leaf', 'middle', 'root', 'data', 'code'] as const).find((name) => offset >= REGION[name]);
  return part ? `${part}+0x${(offset - REGION[part]).toString(16)}` : `block+0x${offset.toString(16)}`;
}

/** Runs both up to a sequence of the batch, steps both through it, and says after which instruction they differ. */
export async function explainDifference(batch: Batch, sequence: number): Promise<string> {
  const qemu = await Qemu.start(batch.before);
  const ours = batch.makeOurs(batch.before.slice());
  const region = regionAddress(sequence);
  const current = (image: Uint8Array) => new DataView(image.buffer, image.byteOffset).getBigUint64(0, true);
  try {
    await qemu.setBreakpoint(ADDRESS.enter);
    await qemu.run(RUN_MS);
    while (current(Uint8Array.from(await qemu.read(ADDRESS.pointer, DOUBLE))) !== region) {
      await qemu.step(); // off the breakpoint
      await qemu.run(RUN_MS);
    }
    await qemu.clearBreakpoint(ADDRESS.enter);
    ours.reset(0, RAM_BASE);
    while (ours.pc !== ADDRESS.enter || ours.memory.read(ADDRESS.pointer, DOUBLE) !== region) ours.step();
    for (let step = 0; step < MAX_STEPS; step++) {
      const instruction = describe(ours);
      ours.step();
      await qemu.step();
      const places = await differingState(qemu, ours);
      if (places.length > 0) return `step ${step}: after ${instruction}\n  ${places.join('\n  ')}`;
      if (ours.pc === ADDRESS.trap)
        return 'no difference in registers while stepping: it is in memory, or stepping hides it';
    }
    return 'no difference while stepping';
  } finally {
    qemu.stop();
  }
}

function describe(ours: Ours): string {
  const parcel = ours.fetch();
  const where = `pc 0x${ours.pc.toString(16)} in mode ${ours.mode}`;
  if (typeof parcel !== 'number') return `${where}: cannot be fetched`;
  const decoded = decode(parcel);
  const bits = `0x${(decoded?.bits ?? parcel >>> 0).toString(16)}`;
  if (decoded === undefined) return `${where}: ${bits}, illegal`;
  const operands = Object.entries(decoded.fields).map(([name, value]) => {
    const register = /^rs?[d12]/.test(name) ? ` (0x${ours.x(value).toString(16)})` : '';
    return `${name}=${name === 'csr' ? `0x${value.toString(16)}` : value}${register}`;
  });
  return `${where}: ${bits} ${decoded.instruction.name} ${operands.join(', ')}`;
}

async function differingState(qemu: Qemu, ours: Ours): Promise<string[]> {
  const places: string[] = [];
  const compare = (name: string, theirs: bigint | undefined, own: bigint) => {
    if (theirs !== undefined && theirs !== own)
      places.push(`${name}: QEMU 0x${theirs.toString(16)}, ours 0x${own.toString(16)}`);
  };
  const general = await qemu.general();
  for (const x of ABI_NAMES.keys()) compare(`x${x}`, general[x], ours.x(x));
  compare('pc', general[ABI_NAMES.length], ours.pc);
  compare('privilege', await qemu.register('priv'), ours.mode);
  const breakpoint = BigInt(Cause.Breakpoint);
  for (const name of CSR_ORDER) {
    // The address that an ebreak leaves is not compared; see differences.ts.
    if ((name === 'mtval' && ours.mcause === breakpoint) || (name === 'stval' && ours.scause === breakpoint)) continue;
    const theirs = await qemu.register(name);
    // SD is computed when it is read, and no bit of our word.
    compare(name, name === 'mstatus' ? theirs && BigInt.asUintN(SD, theirs) : theirs, ours.named(name));
  }
  for (const [f, name] of FLOAT_ABI_NAMES.entries())
    compare(`f${f}`, await qemu.register(name), ours.words[WORD_NAMES.indexOf(`f${f}`)] as bigint);
  // Not described where FS is Off at first.
  if (qemu.hasRegister('fcsr')) compare('fcsr', await qemu.register('fcsr'), ours.named('fcsr'));
  return places;
}
