// What option values mean: sizes, counts, seconds, files with a name before them. Each parser either yields a value
// or throws commander's own error for a bad argument, which ends the program with the usage exit code.

import { InvalidArgumentError } from 'commander';
import { PAGE_BYTES } from '../../isa/address.ts';
import { parseIsa } from '../../isa/isa-string.ts';
import { MOST_HARTS } from '../platform/memory-map.ts';

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

/** A size of memory: bytes, or with K, M or G; in whole pages. */
export function parseSize(text: string): number {
  const bytes = bytesOf(text);
  if (!Number.isSafeInteger(bytes)) throw new InvalidArgumentError(`a size is a number of bytes, or like 64M or 1G.`);
  if (bytes === 0) throw new InvalidArgumentError('a machine needs some memory, for example 128M.');
  return Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
}

/** The most that a log or a trace may take: room for what it must say in any case is less. */
export function parseRoom(text: string): number {
  const bytes = bytesOf(text);
  if (!Number.isSafeInteger(bytes) || bytes < LEAST_ROOM)
    throw new InvalidArgumentError('a size is a number of bytes, or like 64M or 1G, and at least 64K.');
  return bytes;
}

const LEAST_ROOM = 64 * 1024;
/** Of a number with a unit; NaN where it is none. */
function bytesOf(text: string): number {
  const match = /^(\d+)\s*([kmg]?)(?:i?b)?$/i.exec(text);
  return match ? Number(match[1]) * (UNITS[(match[2] ?? '').toUpperCase()] ?? 1) : Number.NaN;
}

/** A count of at least 1; underscores and an exponent are welcome: 1_000_000, 1e6. */
export function parseCount(text: string): number {
  const count = Number(text.replaceAll('_', ''));
  if (!Number.isSafeInteger(count) || count < 1) throw new InvalidArgumentError('a whole number above 0 is wanted.');
  return count;
}

/** A port of TCP; 0 takes any that is free. */
export function parsePort(text: string): number {
  const port = text === '' ? Number.NaN : Number(text);
  if (!Number.isInteger(port) || port < 0 || port > LAST_PORT)
    throw new InvalidArgumentError(`a port is wanted: 0 to ${LAST_PORT}.`);
  return port;
}
const LAST_PORT = 0xffff;

/** The extensions that a machine has, as bits of its harts' `extensions` word. */
export function parseExtensions(text: string): bigint {
  const isa = parseIsa(text);
  if (!isa.ok) throw new InvalidArgumentError(`${isa.message}.`);
  return isa.extensions;
}

/** How many harts a machine has. */
export function parseHarts(text: string): number {
  const harts = Number(text);
  if (!/^\d+$/.test(text) || harts < 1 || harts > MOST_HARTS)
    throw new InvalidArgumentError(`a machine has 1 to ${MOST_HARTS} harts.`);
  return harts;
}

export function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0) || !Number.isFinite(seconds))
    throw new InvalidArgumentError('a number of seconds above 0 is wanted.');
  return seconds;
}

/** A number of at most 64 bits, decimal or with 0x. */
export function parseSeed(text: string): bigint {
  if (!/^(0x[0-9a-f]{1,16}|\d{1,19})$/i.test(text))
    throw new InvalidArgumentError('a seed is a number of at most 64 bits, for example 42.');
  return BigInt(text);
}

/** An address, decimal or with 0x. */
export function parseAddress(text: string): bigint {
  if (!/^(0x[0-9a-f]+|\d+)$/i.test(text))
    throw new InvalidArgumentError('an address is a number, for example 0x80000000.');
  return BigInt(text);
}

/** `[NAME=]FILE` of --input. */
export interface InputOption {
  readonly machine?: string;
  readonly file: string;
}

export function parseInput(text: string, before: readonly InputOption[] = []): readonly InputOption[] {
  const match = /^([A-Za-z0-9_.-]+)=(.+)$/s.exec(text);
  const file = match?.[2] ?? text;
  if (file === '') throw new InvalidArgumentError('a file is wanted, or NAME=FILE.');
  return [...before, match?.[1] === undefined ? { file } : { machine: match[1], file }];
}

/** `[HOST:]PORT` of --gdb. */
export interface GdbOption {
  readonly host: string;
  readonly port: number;
}

const LOOPBACK = '127.0.0.1';
const LARGEST_PORT = 65_535;

/** Where to listen: this machine alone, unless a host is named. Port 0 is any that is free. */
export function parseGdb(text: string): GdbOption {
  const match = /^(?:(?:\[([0-9a-f:.]+)\]|([^:]*)):)?(\d{1,5})$/i.exec(text);
  const port = Number(match?.[3] ?? Number.NaN);
  if (!(port <= LARGEST_PORT)) throw new InvalidArgumentError('a port is wanted, or HOST:PORT, for example 1234.');
  return { host: match?.[1] || match?.[2] || LOOPBACK, port };
}

export const LOG_LEVELS = ['exits', 'traps', 'instructions', 'commits'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** `exits|traps|instructions|commits[,FILE]` of --log. */
export interface LogOption {
  readonly level: LogLevel;
  readonly file?: string;
}

export function parseLog(text: string): LogOption {
  const comma = text.indexOf(',');
  const name = comma < 0 ? text : text.slice(0, comma);
  const level = LOG_LEVELS.find((known) => known === name);
  if (level === undefined) throw new InvalidArgumentError(`what to log is one of ${LOG_LEVELS.join(', ')}.`);
  return comma < 0 ? { level } : { level, file: text.slice(comma + 1) };
}

/** Collects the values of an option that may be repeated. */
export function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}
