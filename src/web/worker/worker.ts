// The worker of the page: takes what the page asks for, runs the laboratory between messages, and sends one frame at
// most for each that a screen shows, so that neither waits for the other.

import { explainExit } from '../../debug/explain-exit.ts';
import type { FromWorker, ToWorker } from '../protocol.ts';
import { imageOf } from './guest-image.ts';
import { addressOf, Laboratory } from './laboratory.ts';
import { Looker } from './look.ts';

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
let address: bigint | undefined;
let pace = 0;
let advanced = 0;
let framed = 0;
let looked = 0;
let scheduled = false;

function frame(stopped?: string): void {
  if (lab === undefined) return;
  const now = milliseconds();
  framed = now;
  const guest = lab.guests[focus];
  const looks = guest !== undefined && (!running || now - looked > LOOK);
  if (looks) looked = now;
  send({
    kind: 'frame',
    running,
    ended: lab.ended,
    guests: lab.frames(),
    ...(looks && { state: looker.look(focus, guest, address) }),
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
  const images = made.flatMap(({ guest, made: { image } }) => (image === undefined ? [] : { name: guest.name, image }));
  if (images.length < made.length) {
    send({ kind: 'refused', message: '', errors });
    return;
  }
  lab = new Laboratory(images, milliseconds);
  lab.pace = pace;
  focus = Math.min(focus, images.length - 1);
  address = undefined;
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
    case 'focus':
      focus = message.guest;
      frame();
      return;
    case 'address':
      address = addressOf(message.address) ?? lab?.guests[focus]?.symbols.address(message.address);
      looked = 0;
      frame();
      return;
    default:
      if (lab !== undefined) control(lab, message);
  }
}

type Control = Exclude<ToWorker, { kind: 'boot' | 'check' | 'pace' | 'focus' | 'address' }>;

function control(there: Laboratory, message: Control): void {
  switch (message.kind) {
    case 'run': {
      const wrong = there.until(focus, message.stopAt);
      if (wrong === undefined) start();
      else send({ kind: 'refused', message: wrong, errors: [] });
      return;
    }
    case 'pause':
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
    case 'type':
      there.type(message.guest, message.text);
      if (running) schedule();
      return;
    case 'explain': {
      const seen = there.guests[message.guest]?.tape.get(message.serial);
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
    send({ kind: 'refused', message: error instanceof Error ? error.message : String(error), errors: [] });
  }
});
