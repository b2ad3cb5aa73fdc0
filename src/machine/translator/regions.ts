// The regions that there are: found again by where they begin and what their pages are mapped to, dropped with the
// bytes that they were made from. A region is entered through the jump cache alone, which is filled here, after a look
// at whether the pages that it spans are still the ones that it was made from; whatever remaps a page empties it.

import type { Memory } from '../memory.ts';
import {
  ENTRY,
  FETCH_ENTRIES,
  FRAME_BYTES,
  FRAME_SHIFT,
  RECORD_FRAME_BYTES,
  RECORDS_AT,
  SCRATCH,
  SPACE,
} from '../memory-map.ts';
import type { Reach } from './access.ts';
import { jumpSlot, opposite } from './jumps.ts';
import type { Records } from './records.ts';
import type { Graph } from './region/graph.ts';

export interface Region {
  readonly graph: Graph;
  readonly reach: Reach['kind'];
  /** Its function's index in the table. */
  readonly index: number;
}

const WORD_BYTES = 4;
const PAGE_MASK = ~BigInt(FRAME_BYTES - 1);
const NO_ENTRIES: readonly number[] = [];
const MOST_LISTED = 1024;
/** A virtual page as a number, by the halves of its address. */
const pageKey = (high: number, low: number) => high * 2 ** 20 + (low >>> FRAME_SHIFT);

export class Regions {
  private readonly words: Uint32Array;
  private readonly records: Records;
  /** By pc, all regions that can be entered there. */
  private readonly byEntry = new Map<bigint, Region[]>();
  private readonly byFrame = new Map<number, Set<Region>>();
  /** By virtual page: where the regions that were made from it can be entered, as offsets in a jump cache. */
  private readonly entriesByPage = new Map<number, number[]>();
  count = 0;

  constructor(memory: Memory, records: Records) {
    this.records = records;
    this.words = new Uint32Array(memory.buffer);
  }

  clear(): void {
    this.byEntry.clear();
    this.byFrame.clear();
    this.entriesByPage.clear();
  }

  /** The frame that a fetch from pc is known to come from, without a walk, which would leave its mark; or undefined. */
  frameAt(base: number, pc: bigint): number | undefined {
    const space = this.words[(base + SCRATCH.fetchSpace) >>> 2] as number;
    const slot = Number((pc >> BigInt(FRAME_SHIFT)) & BigInt(FETCH_ENTRIES - 1));
    const at = (space + SPACE.fetch + slot * ENTRY.bytes) >>> 2;
    const tag = (BigInt(this.words[at + 1] as number) << 32n) | BigInt(this.words[at] as number);
    if (tag !== (pc & PAGE_MASK)) return undefined;
    const place = this.words[at + ENTRY.place / 4] as number;
    return this.records.frameOf(Math.floor((place - RECORDS_AT) / RECORD_FRAME_BYTES));
  }

  /** A region that begins at pc as memory is mapped now. */
  find(base: number, pc: bigint, reach: Reach['kind']): Region | undefined {
    return this.byEntry.get(pc)?.find((region) => this.isCurrent(region, base, reach));
  }

  /** Whether a block of some region as memory is mapped now begins at pc, though none can be entered there. */
  isWithin(base: number, pc: bigint, frame: number, reach: Reach['kind']): boolean {
    for (const region of this.byFrame.get(frame) ?? []) {
      if (region.graph.blocks.has(pc) && this.isCurrent(region, base, reach)) return true;
    }
    return false;
  }
  private isCurrent(region: Region, base: number, reach: Reach['kind']): boolean {
    return region.reach === reach && region.graph.pages.every(({ page, frame }) => this.frameAt(base, page) === frame);
  }

  add(region: Region): void {
    this.count++;
    for (const entry of region.graph.entries) {
      const known = this.byEntry.get(entry);
      if (known === undefined) this.byEntry.set(entry, [region]);
      else known.push(region);
    }
    for (const { page, frame } of region.graph.pages) {
      this.addEntries(page, region);
      const known = this.byFrame.get(frame);
      if (known === undefined) this.byFrame.set(frame, new Set([region]));
      else known.add(region);
    }
  }

  /** Has pc lead to a region in the fetch space that a hart is in. */
  enterFrom(base: number, pc: bigint, region: Region): void {
    const space = this.words[(base + SCRATCH.fetchSpace) >>> 2] as number;
    const slot = jumpSlot(pc);
    const at = (space + SPACE.jumps + slot) >>> 2;
    // What is there moves aside, but not to where another is at home.
    const aside = opposite(slot);
    const asideAt = (space + SPACE.jumps + aside) >>> 2;
    if (jumpSlot(BigInt(this.words[asideAt] as number)) !== aside) {
      this.words.copyWithin(asideAt, at, at + ENTRY.bytes / WORD_BYTES);
    }
    this.words[at] = Number(pc & 0xffff_ffffn);
    this.words[at + 1] = Number(pc >> 32n);
    this.words[at + ENTRY.function / 4] = region.index;
    this.words[at + ENTRY.entry / 4] = region.graph.entries.indexOf(pc);
  }

  private addEntries(page: bigint, { graph }: Region): void {
    const key = pageKey(Number(page >> 32n), Number(page & 0xffff_ffffn));
    const known = this.entriesByPage.get(key) ?? [];
    // A list that only grows is cut where whoever reads it gives up.
    if (known.length <= MOST_LISTED) {
      for (const pc of graph.entries) {
        const slot = jumpSlot(pc);
        if (!known.includes(slot)) known.push(slot, opposite(slot));
      }
    }
    this.entriesByPage.set(key, known);
  }
  /** Where regions that were made from the page at an address can be entered, or could: offsets in a jump cache. */
  entriesOfPage(high: number, low: number): readonly number[] {
    return this.entriesByPage.get(pageKey(high, low)) ?? NO_ENTRIES;
  }

  /** Whether an instruction in these bytes of a frame is part of a region. */
  isWithinBytes(frame: number, offset: number, bytes: number): boolean {
    return [...(this.byFrame.get(frame) ?? [])].some(({ graph }) => covers(graph, frame, offset, bytes));
  }

  /** Bytes of a frame change. @returns whether a region went with them. */
  drop(frame: number, offset: number, bytes: number): boolean {
    const regions = this.byFrame.get(frame);
    if (regions === undefined) return false;
    let dropped = false;
    for (const region of regions) {
      if (!covers(region.graph, frame, offset, bytes)) continue;
      dropped = true;
      this.remove(region);
    }
    return dropped;
  }

  private remove(region: Region): void {
    this.count--;
    for (const entry of region.graph.entries) {
      const others = this.byEntry.get(entry)?.filter((other) => other !== region) ?? [];
      if (others.length > 0) this.byEntry.set(entry, others);
      else this.byEntry.delete(entry);
    }
    for (const { frame } of region.graph.pages) this.byFrame.get(frame)?.delete(region);
  }
}

/** Whether some instruction of a graph lies in these bytes of a frame. */
function covers({ blocks, pages }: Graph, frame: number, offset: number, bytes: number): boolean {
  const starts = pages.filter((page) => page.frame === frame).map(({ page }) => page + BigInt(offset));
  return [...blocks.values()].some(({ start, instructions }) => {
    const last = instructions.at(-1);
    const end = last === undefined ? start : last.pc + BigInt(last.decoded.bytes);
    return starts.some((from) => start < from + BigInt(bytes) && from < end);
  });
}
