// Where to find the leaves of all contexts again: by the guest entry that they derive from, and by the guest frame
// that they map. A guest frame is traced while some leaf derives from an entry in it, and no longer.

import { PAGE_BYTES } from '../../../isa/address.ts';
import type { Leaf } from './context.ts';

/** Leaves of 2 MiB are found by the first of their frames. */
const LARGE_FRAMES = 512;

export class LeafIndex {
  private readonly byEntry = new Map<number, Set<Leaf>>();
  private readonly byFrame = new Map<number, Set<Leaf>>();
  private readonly byLargeFrame = new Map<number, Set<Leaf>>();
  /** How many derivations there are from entries of a frame. */
  private readonly derivations = new Map<number, number>();

  add(leaf: Leaf): void {
    insert(this.frames(leaf), leaf.frame, leaf);
    for (const entry of leaf.sources) {
      insert(this.byEntry, entry, leaf);
      this.count(entry, 1);
    }
  }

  remove(leaf: Leaf): void {
    withdraw(this.frames(leaf), leaf.frame, leaf);
    for (const entry of leaf.sources) {
      withdraw(this.byEntry, entry, leaf);
      this.count(entry, -1);
    }
  }

  isTraced(frame: number): boolean {
    return this.derivations.has(frame);
  }
  isAnyTraced(frame: number, frames: number): boolean {
    if (frames === 1) return this.isTraced(frame);
    for (const traced of this.derivations.keys()) if (traced >= frame && traced < frame + frames) return true;
    return false;
  }

  /** Leaves that derive from the guest's entry at this guest-physical address. */
  derivedFrom(entry: number): readonly Leaf[] {
    return [...(this.byEntry.get(entry) ?? [])];
  }
  /** Leaves that map this guest frame. */
  mapping(frame: number): readonly Leaf[] {
    const large = this.byLargeFrame.get(frame - (frame % LARGE_FRAMES));
    return [...(this.byFrame.get(frame) ?? []), ...(large ?? [])];
  }

  private frames(leaf: Leaf): Map<number, Set<Leaf>> {
    return leaf.frames === 1 ? this.byFrame : this.byLargeFrame;
  }
  private count(entry: number, by: number): void {
    const frame = Math.floor(entry / PAGE_BYTES);
    const count = (this.derivations.get(frame) ?? 0) + by;
    if (count > 0) this.derivations.set(frame, count);
    else this.derivations.delete(frame);
  }
}

function insert(map: Map<number, Set<Leaf>>, key: number, leaf: Leaf): void {
  const set = map.get(key);
  if (set === undefined) map.set(key, new Set([leaf]));
  else set.add(leaf);
}
function withdraw(map: Map<number, Set<Leaf>>, key: number, leaf: Leaf): void {
  const set = map.get(key);
  set?.delete(leaf);
  if (set?.size === 0) map.delete(key);
}
