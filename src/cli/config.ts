// `--config FILE`: several machines with their options, as JSON. Each is an object whose names are those of the long
// options, besides `image` and `name`; what is wrong is said all at once, each mistake with its place.
// Left out: options of the run as a whole, which stay on the command line.

import { dirname, resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { type Diagnostic, renderDiagnostics } from '../asm/diagnostic.ts';
import type { Terminal } from '../platform/virtio-slots.ts';
import { bundledGuest } from './bundled.ts';
import { type DiskOption, parseDisk } from './disks.ts';
import { ExitCode, Failure } from './failure.ts';
import { readFile } from './files.ts';
import { type JsonObject, type JsonScalar, type JsonValue, parseJson } from './json-places.ts';
import { parseExtensions, parseHarts, parseSeed, parseSize } from './options.ts';

/** What one machine is to be, by the command line or by a file. */
export interface Machine {
  readonly image: string;
  /** Of its console; the image's where it has none. */
  readonly name?: string;
  readonly memory: number;
  readonly smp?: number;
  readonly mode?: 'm' | 's';
  readonly firmware?: string;
  readonly append?: string;
  readonly initrd?: string;
  /** As bits of its harts' `extensions` word. */
  readonly isa?: bigint;
  readonly console?: Terminal;
  readonly seed?: bigint;
  /** A file of what is typed on its console. */
  readonly typed?: string;
  /** Its own, before those that the command line gives it. */
  readonly disks?: readonly DiskOption[];
}

/** What a machine of a file says; the command line says the rest. */
export type ConfiguredMachine = Partial<Machine> & Pick<Machine, 'image'>;

export function readConfig(file: string): readonly ConfiguredMachine[] {
  const text = new TextDecoder().decode(readFile(file));
  const reader = new ConfigReader(file, text);
  const machines = reader.machines();
  if (reader.mistakes.length > 0) throw new Failure(ExitCode.BadImage, renderDiagnostics(reader.mistakes));
  return machines;
}

/** What an option's text means; throws InvalidArgumentError. */
type Meaning = (text: string) => Partial<Machine>;

class ConfigReader {
  readonly mistakes: Diagnostic[] = [];
  private readonly file: string;
  private readonly text: string;
  private readonly options: Readonly<Record<string, Meaning>>;
  private readonly names = new Set<string>();

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
    /** Files are looked for beside the configuration. */
    const beside = (path: string) => resolve(dirname(file), path);
    this.options = {
      image: (image) => ({ image: bundledGuest(image) === undefined ? beside(image) : image }),
      name: (name) => ({ name: this.unusedName(name) }),
      memory: (size) => ({ memory: parseSize(size) }),
      smp: (harts) => ({ smp: parseHarts(harts) }),
      mode: (mode) => ({ mode: oneOf(mode, ['m', 's']) }),
      firmware: (path) => ({ firmware: beside(path) }),
      append: (append) => ({ append }),
      initrd: (path) => ({ initrd: beside(path) }),
      isa: (isa) => ({ isa: parseExtensions(isa) }),
      console: (console) => ({ console: oneOf(console, ['uart', 'virtio']) }),
      seed: (seed) => ({ seed: parseSeed(seed) }),
      input: (path) => ({ typed: beside(path) }),
      disk: (text) => ({ disks: parseDisk(text).map(({ file, way }) => ({ file: beside(file), way })) }),
    };
  }

  machines(): readonly ConfiguredMachine[] {
    const json = parseJson(this.text);
    if (json.kind === 'mistake') {
      this.complain(json, json.message, json.hint);
      return [];
    }
    const list = json.kind === 'object' ? this.listOf(json) : json;
    if (list?.kind !== 'array' || list.items.length === 0) {
      this.complain(list ?? json, 'a list of machines is wanted', SHAPE);
      return [];
    }
    return list.items.flatMap((item) => this.machine(item) ?? []);
  }

  private listOf({ members }: JsonObject): JsonValue | undefined {
    for (const { key } of members) {
      if (key.value !== 'machines') this.complain(key, `${JSON.stringify(key.value)} means nothing here`, SHAPE);
    }
    return members.find(({ key }) => key.value === 'machines')?.value;
  }

  private machine(item: JsonValue): ConfiguredMachine | undefined {
    if (item.kind !== 'object') {
      this.complain(item, 'a machine is an object', SHAPE);
      return undefined;
    }
    let machine: Partial<Machine> = {};
    const seen = new Set<string>();
    for (const { key, value } of item.members) {
      const name = String(key.value);
      const meaning = Object.hasOwn(this.options, name) ? this.options[name] : undefined;
      if (meaning === undefined) {
        this.complain(key, `a machine has no ${name}`, `it has ${Object.keys(this.options).join(', ')}`);
      } else if (seen.has(name)) this.complain(key, `${name} is given twice`, 'keep one of them');
      else machine = { ...machine, ...this.meant(name, meaning, value) };
      seen.add(name);
    }
    const { image } = machine;
    if (image !== undefined) return { ...machine, image };
    if (!seen.has('image')) this.complain(item, 'the machine has no image', 'say what it boots: "image": "hello"');
    return undefined;
  }

  /** The value of one option: text, or for disks a list of it. */
  private meant(name: string, meaning: Meaning, value: JsonValue): Partial<Machine> {
    if (value.kind === 'array' && name === 'disk') {
      const disks = value.items.flatMap((item) => this.meant(name, meaning, item).disks ?? []);
      return { disks };
    }
    const text = value.kind === 'scalar' ? textOf(value) : undefined;
    if (text === undefined) {
      this.complain(value, `${name} is text${name === 'disk' ? ', or a list of it' : ''}`, `for example ${EXAMPLE}`);
      return {};
    }
    try {
      return meaning(text);
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error;
      this.complain(value, `${name}: ${error.message.replace(/\.$/, '')}`);
      return {};
    }
  }

  private unusedName(name: string): string {
    if (!/^[A-Za-z0-9_.-]+$/.test(name)) throw new InvalidArgumentError('a name has letters, digits, and _ . - alone.');
    if (this.names.has(name)) throw new InvalidArgumentError(`another machine is called ${name}.`);
    this.names.add(name);
    return name;
  }

  private complain({ at, end }: { readonly at: number; readonly end: number }, message: string, hint?: string): void {
    const before = this.text.slice(0, at).split('\n');
    const column = (before.at(-1) as string).length + 1;
    const text = this.text.split('\n')[before.length - 1] as string;
    this.mistakes.push({
      severity: 'error',
      message,
      ...(hint !== undefined && { hint }),
      file: this.file,
      line: before.length,
      column,
      length: Math.min(end - at, text.length - column + 1),
      text: text.replace(/\r$/, ''),
    });
  }
}

const EXAMPLE = '{ "image": "ticks", "memory": "64M", "smp": 2 }';
const SHAPE = `{ "machines": [ ${EXAMPLE} ] }`;

/** A number is as good as its digits. */
function textOf({ value }: JsonScalar): string | undefined {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
}

function oneOf<const T extends string>(text: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === text);
  if (found === undefined) throw new InvalidArgumentError(`it is one of ${choices.join(', ')}.`);
  return found;
}
