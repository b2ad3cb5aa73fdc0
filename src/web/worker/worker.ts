// The worker of the page: takes what the page asks for, runs the laboratory between messages, and sends one frame at
// most for each that a screen shows, so that neither waits for the other.

import { explainExit } from '../../debug/explain-exit.ts';
import { type Break, FIRST_PACE, type FromWorker, type ToWorker } from '../protocol.ts';
import { placeOf } from './breaks.ts';
import { imageOf } from './guest-image.ts';
import type { LabGuest } from './lab-guest.ts';
import { Laboratory, type Stopped } from './laboratory.ts';
import { Looker, type Wanted } from './look.ts';
import { shadowOf } from './shadow-view.ts';
import { failed, NO_EXIT_SOON, notBootable } from './tellings.ts';

/** Milliseconds: of a frame, of work between two messages, and between two looks at registers. */
const FRAME = 16;
const WORK = 12;
const LOOK = 200;
/** A pause of the page is not caught up. */
const LONGEST = 100;

const milliseconds = () => performance.now();
const send = (message: FromWorker) => postMessage(message);
const looker = new Looker();

let lab: Laboratory | undefined;
let running = false;
let focus = 0;
let wanted: Wanted = {};
let pace = FIRST_PACE;
let breaks: readonly Break[] = [];
let advanced = 0;
let framed = 0;
let looked = 0;
let scheduled = false;

function frame(stopped?: Stopped): void {
  if (lab === undefined) return;
  const now = milliseconds();
  framed = now;
  const guest = lab.guests[focus];
  const looks = guest !== undefined && (!running || now - looked > LOOK);
  if (looks) looked = now;
  const { monitor } = lab;
  send({
    kind: 'frame',
    running,
    ended: lab.ended,
    guests: lab.frames(),
    ...(looks && {
      state: { ...looker.look(focus, guest, wanted), shadow: shadowOf(guest, lab.discipline, wanted.hart) },
    }),
    ...(monitor !== undefined && { monitor }),
    ...(stopped !== undefined && { stopped }),
  });
}

function tick(): void {
  scheduled = false;
  if (lab === undefined || !running) return;
  const now = milliseconds();
  const stopped = lab.advance(Math.min(now - advanced, LONGEST), WORK);
  advanced = now;
  if (stopped !== undefined || lab.ended) running = false;
  if (!running) lab.settle();
  if (!running || lab.idle || milliseconds() - framed >= FRAME) frame(stopped);
  // Whoever waits for a key is woken by one.
  if (running && !lab.idle) schedule();
}

const channel = new MessageChannel();
channel.port1.onmessage = tick;

function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  if (pace > 0) setTimeout(tick, FRAME);
  else channel.port2.postMessage(null);
}

function start(): void {
  running = true;
  advanced = milliseconds();
  schedule();
}

function boot(message: ToWorker & { kind: 'boot' }): void {
  const made = message.guests.map((guest) => ({ guest, made: imageOf(guest) }));
  const errors = made.flatMap((each) => each.made.errors);
  const images = made.flatMap(({ guest: { name, harts = 1 }, made: { image, lines } }) =>
    image === undefined ? [] : { name, image, lines, harts },
  );
  if (images.length < made.length) {
    const file = made.find(({ guest, made: { image } }) => guest.image !== undefined && image === undefined);
    const [error] = file?.made.errors ?? [];
    const message = file && error && notBootable(file.guest.name, error);
    send({ kind: 'refused', message, errors });
    return;
  }
  lab = new Laboratory(images, milliseconds, message.shadow);
  lab.pace = pace;
  send({ kind: 'unresolved', breaks: lab.setBreaks(breaks) });
  focus = Math.min(focus, images.length - 1);
  wanted = {};
  send({ kind: 'booted', names: images.map(({ name }) => name) });
  start();
}

function handle(message: ToWorker): void {
  switch (message.kind) {
    case 'boot':
      boot(message);
      return;
    case 'check':
      send({ kind: 'checked', errors: imageOf(message.guest).errors });
      return;
    case 'pace':
      pace = message.stepsPerSecond;
      if (lab !== undefined) lab.pace = pace;
      return;
    case 'breaks':
      ({ breaks } = message);
      send({ kind: 'unresolved', breaks: lab?.setBreaks(breaks) ?? [] });
      return;
    case 'focus':
      if (focus !== message.guest) wanted = { access: wanted.access };
      focus = message.guest;
      frame();
      return;
    case 'address':
      wanted = { ...wanted, address: placeIn(lab?.guests[focus], message.address) };
      looked = 0;
      frame();
      return;
    case 'hart':
    case 'access':
      wanted = message.kind === 'hart' ? { ...wanted, hart: message.hart } : { ...wanted, access: message.access };
      looked = 0;
      frame();
      return;
    default:
      if (lab !== undefined) control(lab, message);
  }
}

const placeIn = (guest: LabGuest | undefined, where: string) => guest && placeOf(where, guest);

type Control = Exclude<
  ToWorker,
  { kind: 'boot' | 'check' | 'pace' | 'breaks' | 'focus' | 'address' | 'hart' | 'access' }
>;

function control(there: Laboratory, message: Control): void {
  switch (message.kind) {
    case 'run': {
      const wrong = there.until(focus, message.stopAt);
      if (wrong === undefined) start();
      else send({ kind: 'refused', message: wrong, errors: [] });
      return;
    }
    case 'pause':
      if (running) there.settle();
      running = false;
      frame();
      return;
    case 'step':
    case 'step-back':
      running = false;
      if (message.kind === 'step') there.step(focus);
      else there.stepBack(focus);
      frame();
      return;
    case 'step-into':
      running = false;
      if (!there.stepInto(focus)) send({ kind: 'refused', message: NO_EXIT_SOON, errors: [] });
      frame();
      return;
    case 'record':
      if (running) return;
      there.look(message.guest, message.position, message.from, message.to);
      frame();
      return;
    case 'type':
      there.type(message.guest, message.text);
      if (running) schedule();
      return;
    case 'explain': {
      const seen = there.guests[message.guest]?.tape.get(message.serial)?.exit;
      if (seen === undefined) return;
      send({ kind: 'explained', guest: message.guest, serial: message.serial, explanation: explainExit(seen) });
      return;
    }
    case 'report':
      send({ kind: 'report', report: there.report() });
  }
}

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  try {
    handle(data);
  } catch (error) {
    running = false;
    send({ kind: 'refused', message: failed(error instanceof Error ? error.message : String(error)), errors: [] });
  }
});
