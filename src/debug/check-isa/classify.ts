// Popek and Goldberg's classes (Communications of the ACM, July 1974), found by execution. A form is *privileged* if
// it always traps in U and not always in M. It is *sensitive* if somewhere, without a trap, it changes what a program
// does not own (control), or what it does shows the mode, the state that is not the program's, or the time (mode), or
// where its memory is (memory). What a trap itself does is no effect of the instruction.
// Left out: proof. A class is what some thousand states showed, with one of them as the witness.

import { CSRS } from '../../../isa/csrs.ts';
import { Mode, WORD, WORD_NAMES } from '../../../isa/layout.ts';
import type { Form } from './forms.ts';
import { generator, Scene } from './scene.ts';

type ModeName = keyof typeof Mode;
export type Sensitivity = 'control' | 'mode' | 'memory';
export interface Witness {
  readonly kind: Sensitivity;
  readonly mode: ModeName;
  /** What was seen, in words. */
  readonly text: string;
}
export type Class = 'privileged' | 'trapping' | 'sensitive' | 'innocuous';
export interface Classified {
  readonly form: Form;
  /** `trapping` forms trap in every mode; `sensitive` ones do not always trap in U. */
  readonly class: Class;
  /** The first of each kind; none for what is not sensitive. */
  readonly witnesses: readonly Witness[];
  /** Of a sensitive form that does not always trap in U: whether it does under the monitor's controls. */
  readonly controlled: boolean;
}

/** What the monitor keeps in the real hart while a guest runs: words that never vary, and why no form needs more. */
const MONITOR: readonly (readonly [word: number, value: bigint])[] = [[WORD.mcounteren, 0n]];
/** Bits that the monitor keeps equal to the guest's own, so that they are as good as the program's. */
const MIRRORED = new Map<number, bigint>([
  [WORD.mstatus, (3n << 13n) | (1n << 63n)], // FS, SD
  [WORD.menvcfg, 0xf0n], // CBIE, CBCFE, CBZE
  [WORD.senvcfg, 0xf0n],
]);

const MODES = ['U', 'S', 'M'] as const;
const SEEDS = 6;
/** Words that move with every step or are moved by the board: read, they are the time. */
const CLOCKS = [WORD.steps, WORD.retired];
const UNSEEN = new Set(['mode', 'virtualization', 'reservation', 'stepsInU', 'stepsInS', 'stepsInM']);
const TIME = 'the time';
const TRANSLATIONS = 'which translations are remembered';
/** What translates and protects. */
const isOfMemory = (name: string) => name === 'satp' || name.startsWith('pmp') || name === TRANSLATIONS;
/** What a scene's own translation and protection are made of. */
const SCENES_OWN = new Set(['satp', 'pmpcfg0', 'pmpaddr0']);

/** A word, and the bits of it that may vary. */
interface Hidden {
  readonly word: number;
  readonly bits: bigint;
}
/** The words that are not the program's, with the bits of each that software can change. */
const HIDDEN: readonly Hidden[] = WORD_NAMES.flatMap((name, word) => {
  const isPrograms = word <= WORD.pc || name === 'fcsr';
  if (isPrograms || UNSEEN.has(name) || SCENES_OWN.has(name) || name.startsWith('reserved')) return [];
  const rows = CSRS.filter((csr) => csr.word === name);
  const writable = rows.length === 0 ? -1n : rows.reduce((bits, { write = -1n }) => bits | write, 0n);
  const bits = BigInt.asUintN(64, writable & ~(MIRRORED.get(word) ?? 0n));
  return bits === 0n ? [] : [{ word, bits }];
});
/** Of words that software does not write, or not to every value: the bits that vary. */
const VARYING = new Map<number, bigint>([
  [WORD.lines, 0xaaan],
  [WORD.mstatus, ~(1n << 12n)], // MPP is U or S, never the reserved 2
]);

interface Result {
  readonly trapped: boolean;
  /** All that the program sees. */
  readonly seen: string;
  /** Names of the words changed that are not the program's. */
  readonly changed: readonly string[];
}

export class Classifier {
  /** Executions so far. */
  executions = 0;
  private readonly scenes = new Map<string, Scene>();

  classify(form: Form): Classified {
    const witnesses = new Map<Sensitivity, Witness>();
    const witness = (kind: Sensitivity, mode: ModeName, text: string) => {
      if (!witnesses.has(kind)) witnesses.set(kind, { kind, mode, text });
    };
    const traps = { U: true, S: true, M: true };
    let controlled = true;
    for (let seed = 0; seed < SEEDS; seed++) {
      const flat = MODES.map((mode) => ({ mode, result: this.run(form, this.scene('flat', mode, seed)) }));
      for (const { mode, result } of flat) {
        this.lookForChanges(form, mode, seed, witness);
        this.lookForDependence(form, mode, seed, witness);
        if (mode !== 'M') this.lookForPlace(form, mode, seed, witness);
        traps[mode] &&= result.trapped && this.trapsIn(form, mode, seed, false);
      }
      controlled &&= this.trapsIn(form, 'U', seed, true);
      const free = flat.filter(({ result }) => !result.trapped);
      const other = free.find(({ result }) => result.seen !== free[0]?.result.seen);
      if (other !== undefined) witness('mode', other.mode, `does other than in ${free[0]?.mode}`);
    }
    return {
      form,
      class: traps.U
        ? traps.M && traps.S
          ? 'trapping'
          : 'privileged'
        : witnesses.size > 0
          ? 'sensitive'
          : 'innocuous',
      witnesses: [...witnesses.values()],
      controlled,
    };
  }

  /** Whether it changes what is not the program's. */
  private lookForChanges(form: Form, mode: ModeName, seed: number, witness: Look): void {
    for (const scene of this.scenesOf(mode, seed)) {
      for (const disturb of [() => {}, () => disturbAll(scene, seed)]) {
        const { trapped, changed } = this.run(form, scene, disturb);
        if (trapped || changed.length === 0) continue;
        witness(changed.every(isOfMemory) ? 'memory' : 'control', mode, `changes ${changed.join(', ')}`);
      }
    }
  }

  /** Whether what the program sees depends on state that is not its own. */
  private lookForDependence(form: Form, mode: ModeName, seed: number, witness: Look): void {
    const scene = this.scene('flat', mode, seed);
    const plain = this.run(form, scene);
    if (plain.trapped) return;
    const differs = (disturb: () => void) => {
      const { trapped, seen } = this.run(form, scene, disturb);
      return !trapped && seen !== plain.seen;
    };
    if (!differs(() => disturbAll(scene, seed))) return;
    const alone = HIDDEN.find((hidden) => differs(() => disturbWord(scene, hidden, seed)));
    // Of what shows only together with something else (sie within mideleg), all that it takes.
    const needed = alone ? [alone] : HIDDEN.filter((hidden) => !differs(() => disturbAll(scene, seed, hidden)));
    const names = needed.map(({ word }) => (CLOCKS.includes(word) ? TIME : WORD_NAMES[word]));
    witness('mode', mode, `shows ${names.length === 0 ? TIME : names.join(' with ')}`);
  }

  /** Whether what the program sees depends on which frames its memory is in. */
  private lookForPlace(form: Form, mode: ModeName, seed: number, witness: Look): void {
    const here = this.run(form, this.scene('here', mode, seed));
    const there = this.run(form, this.scene('there', mode, seed));
    if (!here.trapped && !there.trapped && here.seen !== there.seen) witness('memory', mode, 'shows where memory is');
  }

  /** Whether it traps wherever memory is, with all other state disturbed. */
  private trapsIn(form: Form, mode: ModeName, seed: number, underMonitor: boolean): boolean {
    return this.scenesOf(mode, seed).every((scene) => {
      const disturb = () => {
        disturbAll(scene, seed);
        if (underMonitor) for (const [word, value] of MONITOR) scene.hart.setWord(word, value);
      };
      return this.run(form, scene, disturb).trapped;
    });
  }

  /** The scenes of a mode; M's is never translated. */
  private scenesOf(mode: ModeName, seed: number): Scene[] {
    const flat = this.scene('flat', mode, seed);
    return mode === 'M' ? [flat] : [flat, this.scene('here', mode, seed)];
  }
  private scene(name: 'flat' | 'here' | 'there', mode: ModeName, seed: number): Scene {
    const key = `${name} ${mode} ${seed}`;
    let scene = this.scenes.get(key);
    if (scene === undefined) {
      scene = new Scene(name, Mode[mode], seed);
      this.scenes.set(key, scene);
    }
    return scene;
  }

  private run({ decoded }: Form, scene: Scene, disturb: () => void = () => {}): Result {
    this.executions++;
    scene.restore();
    disturb();
    const { hart } = scene;
    const before = hart.words.slice();
    if (!hart.execute(decoded, decoded.bits)) return { trapped: true, seen: '', changed: [] };
    const changed = WORD_NAMES.filter((name, word) => {
      const isPrograms = word <= WORD.pc || name === 'fcsr' || name === 'reservation';
      const mask = ~(MIRRORED.get(word) ?? 0n);
      return !isPrograms && ((hart.words[word] as bigint) & mask) !== ((before[word] as bigint) & mask);
    });
    if (hart.waited) changed.push('whether the hart runs');
    if (hart.fenced) changed.push(TRANSLATIONS);
    const seen = `${hart.words.subarray(0, WORD.pc + 1).join()} ${hart.words[WORD.fcsr]} ${scene.data}`;
    return { trapped: false, seen, changed };
  }
}

type Look = (kind: Sensitivity, mode: ModeName, text: string) => void;

function disturbWord({ hart }: Scene, { word, bits }: Hidden, seed: number): void {
  const random = generator(seed * WORD_NAMES.length + word);
  const mask = bits & (VARYING.get(word) ?? -1n);
  hart.setWord(word, hart.word(word) ^ (random() & mask));
}
function disturbTime({ memory }: Scene, seed: number): void {
  memory.now = generator(seed)() >> 1n;
}
/** Gives other values to all that is not the program's, but one word and what translates and protects. */
function disturbAll(scene: Scene, seed: number, but?: Hidden): void {
  for (const hidden of HIDDEN) if (hidden !== but) disturbWord(scene, hidden, seed);
  disturbTime(scene, seed);
}
