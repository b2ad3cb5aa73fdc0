// What will happen on a board, as data: {step, device, kind, payload} in a queue. Events of one step come in the order
// of device, kind and payload, never in the order in which they were scheduled, so that an engine that schedules an
// event twice changes nothing. Left out: closures and promises, which could not be saved in a checkpoint.

export interface Event {
  /** Board step at which it is due. */
  readonly step: number;
  readonly device: string;
  readonly kind: string;
  readonly payload: number;
}

export type EventName = Omit<Event, 'step'>;

/** A queue holds few events (a timer or two a hart, a request or two a disk), so a sorted list is the fast form. */
export class EventQueue {
  private readonly events: Event[] = [];

  /** Enters an event, in place of one of the same device, kind and payload. */
  schedule(event: Event): void {
    this.cancel(event);
    const after = this.events.findIndex((other) => compare(event, other) < 0);
    this.events.splice(after < 0 ? this.events.length : after, 0, event);
  }
  cancel({ device, kind, payload }: EventName): void {
    const at = this.events.findIndex((e) => e.device === device && e.kind === kind && e.payload === payload);
    if (at >= 0) this.events.splice(at, 1);
  }

  /** Step of the next event; Infinity when there is none. */
  next(): number {
    return this.events[0]?.step ?? Number.POSITIVE_INFINITY;
  }
  /** Takes the first event that is due at this step. */
  due(now: number): Event | undefined {
    return this.next() <= now ? this.events.shift() : undefined;
  }
  /** All that is scheduled, in order. */
  pending(): readonly Event[] {
    return [...this.events];
  }
}

function compare(a: Event, b: Event): number {
  return a.step - b.step || order(a.device, b.device) || order(a.kind, b.kind) || a.payload - b.payload;
}
const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
