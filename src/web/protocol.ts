// What the page and its worker say to each other: plain data, cloned at each crossing, so 64-bit values are bigints and
// tables are typed arrays. The worker answers at most once a frame while it runs.
// Left out: how either side keeps what it was told.

import type { Explanation } from '../debug/explain-exit.ts';
import type { WalkStep } from '../debug/walk.ts';
import type { ExitCount } from '../hypervisor/ledger.ts';
import type { Outcome } from '../platform/outcome.ts';
import type { RunReport } from '../session/report.ts';

/** A guest as it is sent to be booted: text to assemble, or the bytes of an image. */
export interface GuestSource {
  readonly name: string;
  readonly base: string;
  readonly sources: readonly { readonly name: string; readonly text: string }[];
  readonly included: Readonly<Record<string, string>>;
  readonly image?: Uint8Array;
}

/** What makes a run stop by itself. */
export type StopAt =
  | { readonly kind: 'exit'; readonly reason?: string }
  | { readonly kind: 'address'; readonly where: string };

export type ToWorker =
  | { readonly kind: 'boot'; readonly guests: readonly GuestSource[] }
  | { readonly kind: 'run'; readonly stopAt?: StopAt }
  | { readonly kind: 'pause' }
  | { readonly kind: 'step' }
  | { readonly kind: 'step-back' }
  /** Steps a second of each guest; 0: as fast as it goes. */
  | { readonly kind: 'pace'; readonly stepsPerSecond: number }
  | { readonly kind: 'type'; readonly guest: number; readonly text: string }
  | { readonly kind: 'focus'; readonly guest: number }
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'explain'; readonly guest: number; readonly serial: number }
  | { readonly kind: 'report' }
  | { readonly kind: 'check'; readonly guest: GuestSource };

/** Exits as columns, oldest first. */
export interface ExitColumns {
  readonly serial: Float64Array;
  readonly step: Float64Array;
  /** Index of EXIT_REASONS. */
  readonly reason: Uint8Array;
  /** Privilege before and after, of the virtual CPU. */
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  readonly cpu: Uint8Array;
}

export interface GuestFrame {
  readonly output: Uint8Array;
  readonly now: number;
  /** By the privilege that the guest believes it has, and in all. */
  readonly user: number;
  readonly supervisor: number;
  readonly machine: number;
  readonly steps: number;
  /** Where it is in its run, which can go back. */
  readonly position: number;
  readonly waiting: boolean;
  readonly privilege: number;
  readonly outcome?: Outcome;
  readonly exits: ExitColumns;
  readonly counts: readonly ExitCount[];
}

export interface Word {
  readonly name: string;
  readonly value: bigint;
  /** The real hart's, where it has one of its own. */
  readonly real?: bigint;
  readonly changed: boolean;
  readonly fields: readonly { readonly name: string; readonly value: bigint; readonly changed: boolean }[];
}
export interface CodeLine {
  readonly address: bigint;
  readonly label?: string;
  readonly bits: string;
  readonly text: string;
  readonly current: boolean;
}
export interface WalkView {
  readonly address: bigint;
  readonly guest: readonly WalkStep[];
  readonly guestEnd: string;
  readonly shadow: readonly WalkStep[];
  readonly shadowEnd: string;
  readonly verdict: 'agree' | 'hidden' | 'true' | 'bare';
}
/** A look at the guest in focus. */
export interface StateView {
  readonly guest: number;
  readonly pc: bigint;
  readonly symbol: string;
  readonly mode: string;
  readonly registers: readonly Word[];
  readonly csrs: readonly Word[];
  readonly code: readonly CodeLine[];
  readonly memory: { readonly address: bigint; readonly bytes: Uint8Array } | undefined;
  readonly devices: readonly { readonly name: string; readonly base: bigint; readonly bytes: number }[];
  readonly walk: WalkView;
}

export interface SourceError {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly hint?: string;
}

export type FromWorker =
  | { readonly kind: 'booted'; readonly names: readonly string[] }
  | {
      readonly kind: 'frame';
      readonly running: boolean;
      readonly ended: boolean;
      readonly guests: readonly GuestFrame[];
      readonly state?: StateView;
      readonly stopped?: string;
    }
  | { readonly kind: 'explained'; readonly guest: number; readonly serial: number; readonly explanation: Explanation }
  | { readonly kind: 'report'; readonly report: RunReport }
  | { readonly kind: 'checked'; readonly errors: readonly SourceError[] }
  | { readonly kind: 'refused'; readonly message: string; readonly errors: readonly SourceError[] };
