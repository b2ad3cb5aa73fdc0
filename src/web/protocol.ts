// What the page and its worker say to each other: plain data, cloned at each crossing, so 64-bit values are bigints and
// tables are typed arrays. The worker answers at most once a frame while it runs.
// Left out: how either side keeps what it was told.

import type { Told } from '../../isa/language.ts';
import type { Access } from '../../isa/vocabulary.ts';
import type { Explanation } from '../debug/explain-exit.ts';
import type { WalkStep } from '../debug/walk.ts';
import type { RegisterView } from '../devices/device.ts';
import type { ExitCount } from '../hypervisor/ledger.ts';
import type { Discipline } from '../hypervisor/shadow/discipline.ts';
import type { Outcome } from '../platform/outcome.ts';
import type { RunReport } from '../session/report.ts';

/** A guest as it is sent to be booted: text to assemble, or the bytes of an image. */
export interface GuestSource {
  readonly name: string;
  readonly base: string;
  readonly sources: readonly { readonly name: string; readonly text: string }[];
  readonly included: Readonly<Record<string, string>>;
  readonly image?: Uint8Array;
  /** Virtual CPUs; one where nothing is said. */
  readonly harts?: number;
}

/** Steps a second of each guest until somebody says otherwise: what a visitor can follow. */
export const FIRST_PACE = 200_000;

/** What makes a run stop by itself. */
export type StopAt =
  | { readonly kind: 'exit'; readonly reason?: string }
  | { readonly kind: 'address'; readonly where: string };

/** A lasting break: it stops the run each time, in the guest of this name, however often that is booted. */
export interface Break {
  readonly id: number;
  readonly guest: string;
  readonly at: StopAt;
  readonly enabled: boolean;
}

export type ToWorker =
  | { readonly kind: 'boot'; readonly guests: readonly GuestSource[]; readonly shadow?: Discipline }
  /** All of them; they hold until others are sent. */
  | { readonly kind: 'breaks'; readonly breaks: readonly Break[] }
  /** The next stage of an exit, or the first of the next exit. */
  | { readonly kind: 'step-into' }
  /** Exits between two steps of the board, both past, to be looked at one by one; `position` lies before them. */
  | {
      readonly kind: 'record';
      readonly guest: number;
      readonly position: number;
      readonly from: number;
      readonly to: number;
    }
  | { readonly kind: 'run'; readonly stopAt?: StopAt }
  | { readonly kind: 'pause' }
  | { readonly kind: 'step' }
  | { readonly kind: 'step-back' }
  /** Steps a second of each guest; 0: as fast as it goes. */
  | { readonly kind: 'pace'; readonly stepsPerSecond: number }
  | { readonly kind: 'type'; readonly guest: number; readonly text: string }
  | { readonly kind: 'focus'; readonly guest: number }
  /** The virtual CPU that is looked at; without a number, whichever has its turn. */
  | { readonly kind: 'hart'; readonly hart: number | undefined }
  /** The access whose walk is shown. */
  | { readonly kind: 'access'; readonly access: Access }
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'explain'; readonly guest: number; readonly serial: number }
  | { readonly kind: 'report' }
  | { readonly kind: 'check'; readonly guest: GuestSource };

/** What is no exit and stands among them: a virtual CPU goes on; it waits; what comes next was not looked at. */
export const EVENT = { turn: 253, wait: 254, end: 255 } as const;
/** As a mark's reason: whether it is one of an exit. */
export const isExit = (reason: number) => reason < EVENT.turn;

/** Exits and events as columns, oldest first. */
export interface ExitColumns {
  /** What was sent before is forgotten. */
  readonly isFresh: boolean;
  readonly serial: Float64Array;
  readonly step: Float64Array;
  /** Index of EXIT_REASONS, or an EVENT. */
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
  readonly counts: readonly TimedCount[];
  readonly cpus: readonly CpuFrame[];
}
/** Exits of one reason, and how many of them the host's time was taken of. */
export interface TimedCount extends ExitCount {
  readonly timed: number;
}
/** A virtual CPU: its steps by the privilege that it believed to have. */
export interface CpuFrame {
  readonly privilege: number;
  readonly user: number;
  readonly supervisor: number;
  readonly machine: number;
}

/** The monitor at work on one exit, stage by stage. */
export const STAGES = ['trap', 'cause', 'emulate', 'touch', 'enter'] as const;
export interface Pair {
  readonly name: string;
  readonly virtual: string;
  readonly real: string;
}
export interface MonitorView {
  readonly guest: number;
  readonly serial: number;
  readonly cpu: number;
  /** Index of STAGES. */
  readonly stage: number;
  readonly explanation: Explanation;
  /** What the hardware reported; nothing where the monitor found an interrupt before it entered the guest. */
  readonly trapped: readonly Fact[];
  readonly found: readonly Fact[];
  readonly walk: readonly WalkStep[];
  readonly touched: readonly Fact[];
  /** The virtual CPU beside the real hart when it trapped, and when it goes on; none where it waits. */
  readonly atTrap: readonly Pair[];
  readonly atEntry: readonly Pair[];
}
/** Names are the same in every language. */
export interface Fact {
  readonly name: string | Told;
  readonly value: string | Told;
}

/** A shadow context: its key, and what it holds. */
export interface ContextLine {
  readonly view: string;
  readonly guestSatp: string;
  readonly asid: number | undefined;
  readonly readsExecutable: boolean;
  readonly satp: bigint;
  readonly tables: number;
  readonly leaves: number;
  readonly lastUse: number;
  readonly current: boolean;
}
/** A fence, a write to satp or a store to a page table, and what it did to the shadow. */
export interface ShadowEvent {
  readonly step: number;
  readonly cpu: number;
  readonly what: string;
  /** Entries brought up to date, leaves taken away, leaves filled, pages put out of sync, contexts made. */
  readonly synced: number;
  readonly dropped: number;
  readonly outOfSync: number;
  /** The contexts that lost leaves by it. */
  readonly contexts: readonly ContextLoss[];
}
export interface ContextLoss {
  readonly view: string;
  readonly asid: number | undefined;
  /** Leaves before and after. */
  readonly before: number;
  readonly after: number;
}
export interface ShadowView {
  readonly discipline: Discipline;
  readonly contexts: readonly ContextLine[];
  /** Pages of tables that are written unseen, and translations of them that are stale now. */
  readonly unseen: readonly number[];
  readonly stale: number;
  readonly events: readonly ShadowEvent[];
  readonly counts: readonly Fact[];
}

export interface Word {
  readonly name: string;
  readonly value: bigint;
  /** The real hart's, where it has one of its own. */
  readonly real?: bigint;
  readonly changed: boolean;
  readonly fields: readonly FieldView[];
}
export interface FieldView {
  readonly name: string;
  readonly value: bigint;
  readonly changed: boolean;
  /** The manual's word for the value. */
  readonly meaning?: string | Told;
}
export interface CodeLine {
  readonly address: bigint;
  readonly label?: string;
  readonly bits: string;
  readonly text: string;
  readonly current: boolean;
  /** The line that it comes from, where that is another than of the instruction before. */
  readonly source?: { readonly place: string; readonly text: string; readonly within?: string };
}

/** What differs between an entry of the guest's tables and the shadow's, and by that why. */
export const DIFFERENCES = [
  'missing',
  'absent',
  'split',
  'places',
  'table',
  'stale',
  'frame',
  'user',
  'clean',
  'traced',
  'right',
  'later',
  'lent',
  'executable',
  'accessed',
  'global',
] as const;
export type Difference = (typeof DIFFERENCES)[number];
/** What an access to an address would come to. */
export const VERDICTS = [
  'agree',
  'hidden',
  'true',
  'stale',
  'bare',
  'device',
  'nothing',
  'traced',
  'withheld',
  'protected',
] as const;
export type Verdict = (typeof VERDICTS)[number];
export interface WalkView {
  readonly hart: number;
  readonly address: bigint;
  readonly access: Access;
  /** Of the shadow context that is walked; empty where there is none yet. */
  readonly view: string;
  readonly levels: readonly {
    readonly level: number;
    readonly guest?: WalkStep;
    readonly shadow?: WalkStep;
    readonly differs: readonly Difference[];
  }[];
  /** Where the guest's walk ends, which device is there if one is, and where the machine's ends. */
  readonly gpa?: bigint;
  readonly device?: string;
  readonly spa?: bigint;
  readonly guestFault?: Told;
  readonly shadowFault?: Told;
  readonly verdict: Verdict;
}
export interface RegisterLine extends RegisterView {
  readonly changed: boolean;
}
export interface DeviceView {
  readonly name: string;
  readonly base: bigint;
  readonly bytes: number;
  readonly registers: readonly RegisterLine[];
  /** Registers besides that are zero. */
  readonly zeros: number;
}
/** A look at a virtual CPU of the guest in focus. */
export interface StateView {
  readonly guest: number;
  readonly hart: number;
  readonly harts: number;
  readonly pc: bigint;
  readonly symbol: string;
  readonly mode: string;
  readonly registers: readonly Word[];
  /** Where the floating-point unit is on. */
  readonly floats: readonly Word[];
  readonly csrs: readonly Word[];
  readonly code: readonly CodeLine[];
  readonly memory: { readonly address: bigint; readonly bytes: Uint8Array } | undefined;
  readonly devices: readonly DeviceView[];
  readonly walk: WalkView;
  readonly shadow?: ShadowView;
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
      /** Where the run stopped by itself. */
      readonly stopped?: { readonly guest: number; readonly at: string };
      readonly monitor?: MonitorView;
    }
  /** Breaks whose place no booted guest of their name has. */
  | { readonly kind: 'unresolved'; readonly breaks: readonly number[] }
  | { readonly kind: 'explained'; readonly guest: number; readonly serial: number; readonly explanation: Explanation }
  | { readonly kind: 'report'; readonly report: RunReport }
  | { readonly kind: 'checked'; readonly errors: readonly SourceError[] }
  /** Without a message, the errors say it. */
  | { readonly kind: 'refused'; readonly message: Told | undefined; readonly errors: readonly SourceError[] };
