// Pages of the guest's tables that it writes unseen until its next fence. What derives from them may be stale until
// then, lawfully. Left out: how a change is found, which is the tables' (a slot keeps what its entry was).

export class OutOfSync {
  /** By frame: fences of everything in a row that found little changed. */
  private readonly quiet = new Map<number, number>();

  get size(): number {
    return this.quiet.size;
  }
  has(frame: number): boolean {
    return this.quiet.size > 0 && this.quiet.has(frame);
  }
  /** The frames, the one that has been here longest first. */
  frames(): IterableIterator<number> {
    return this.quiet.keys();
  }
  put(frame: number): void {
    this.quiet.set(frame, 0);
  }
  remove(frame: number): void {
    this.quiet.delete(frame);
  }
  /** A fence of everything has come by. @returns how many in a row have found little changed. */
  noteFence(frame: number, isBusy: boolean): number {
    const quiet = isBusy ? 0 : (this.quiet.get(frame) ?? 0) + 1;
    this.quiet.set(frame, quiet);
    return quiet;
  }
}
