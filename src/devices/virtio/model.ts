// What a virtio device is, whatever transport it sits on: a number by which drivers find it, features, queues, a
// configuration space, and an answer to each request (VirtIO 1.2, "Device Types"). The transport does the rest.

import type { Chain } from './chain.ts';

/** What became of a request. */
export interface Done {
  /** How many bytes were written to it, from its first writable one on. */
  readonly written: number;
  /** How many bytes the host had to move, wherever to: the queue rests the longer for it. */
  readonly moved: number;
}

/** `later`: the request stays where it is until the model says that it is ready; `broken`: no driver may ask this. */
export type Answer = Done | 'later' | 'broken';

export interface VirtioModel {
  /** "Device Types" has the numbers. */
  readonly deviceId: number;
  /** The feature bits that it offers, beside the transport's. */
  readonly features: readonly number[];
  readonly queues: number;
  /** Steps from the notification of a request to its completion. */
  readonly latency: number;
  readonly config: Uint8Array;
  /** Answers a request; called in the order of the queue. */
  answer(queue: number, request: Chain, negotiated: (feature: number) => boolean): Answer;
  /** Called by the model when a request that it left can be answered; set by the transport. */
  onReady?: (queue: number) => void;
}
