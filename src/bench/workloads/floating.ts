// The kernels of floating point: bench/workloads/mandelbrot.s, bodies.s, filter.s and dot.s. Doubles are JavaScript's
// own numbers, whose operations round as the machine's do; what is rounded once after a product is the soft float's.

import { Rounding } from '../../../isa/float/operation.ts';
import { softFloat } from '../../../isa/float/soft.ts';
import { fold, repeated, type Sizes, sizeOf, type Workload } from '../workload.ts';

const bits = new DataView(new ArrayBuffer(8));
function bitsOf(value: number): bigint {
  bits.setFloat64(0, value);
  return bits.getBigUint64(0);
}

function kernel(
  name: string,
  title: string,
  [size, tinySize, iterations]: readonly [size: number, tinySize: number, iterations: number],
  pass: (size: number) => bigint,
): Workload {
  return {
    name,
    kind: 'kernel',
    title,
    sources: ['start.s', `${name}.s`, 'finish.s'],
    forms: ['machine', 'paging'],
    sizes: { SIZE: size },
    tinySizes: { SIZE: tinySize },
    iterations,
    expected: (passes: number, sizes: Sizes) => repeated(pass(sizeOf(sizes, 'SIZE')), passes),
  };
}

const LIMIT = 64;
function escapes(size: number): bigint {
  const step = 3 / size;
  let result = 0n;
  let imaginary = -1.5;
  for (let row = 0; row < size; row++, imaginary += step) {
    let real = -2;
    for (let column = 0; column < size; column++, real += step) {
      let [x, y, left] = [0, 0, LIMIT];
      for (; left > 0 && x * x + y * y <= 4; left--) [x, y] = [x * x - y * y + real, x * y + x * y + imaginary];
      result = fold(result, BigInt(left));
    }
  }
  return result;
}

const STEPS = 20;
const INTERVAL = 0.01;
const SOFTENING = 0.125;
const AXES = [0, 1, 2] as const;
function bodies(size: number): bigint {
  const all = Array.from({ length: size }, (_, k) => ({ at: [k, (k * k) / 2, -3 * k], velocity: [0, 0, 0] }));
  for (let step = 0; step < STEPS; step++) {
    for (const [index, one] of all.entries()) {
      for (const other of all.slice(index + 1)) attract(one, other);
    }
    for (const { at, velocity } of all) for (const axis of AXES) at[axis] = n(at, axis) + n(velocity, axis) * INTERVAL;
  }
  return all.reduce((result, { at }) => at.reduce((sum, place) => fold(sum, bitsOf(place)), result), 0n);
}
interface Body {
  readonly at: number[];
  readonly velocity: number[];
}
const n = (vector: readonly number[], axis: number): number => vector[axis] as number; // there are three
function attract(one: Body, other: Body): void {
  const apart = AXES.map((axis) => n(other.at, axis) - n(one.at, axis));
  const [x, y, z] = apart as [number, number, number];
  const squared = x * x + y * y + z * z + SOFTENING;
  const pull = INTERVAL / (squared * Math.sqrt(squared));
  for (const axis of AXES) {
    one.velocity[axis] = n(one.velocity, axis) + n(apart, axis) * pull;
    other.velocity[axis] = n(other.velocity, axis) - n(apart, axis) * pull;
  }
}

const TAPS = 16;
function filtered(size: number): bigint {
  const signal = (k: number) => ((k * k) & 63) - 31;
  let result = 0n;
  for (let k = 0; k < size; k++) {
    let sum = 0;
    for (let tap = 0; tap < TAPS; tap++) sum += (tap - 5) * signal(k + tap);
    result = fold(result, BigInt(sum));
  }
  return result;
}

function dotProduct(size: number): bigint {
  let sum = 0n;
  for (let k = 1; k <= size; k++) {
    sum = softFloat('multiplyAdd', 'd', Rounding.RNE, bitsOf(1 / k), bitsOf(Math.sqrt(k)), sum).value;
  }
  return sum;
}

export const mandelbrot = kernel('mandelbrot', 'points of the Mandelbrot set, doubles', [64, 6, 600], escapes);
export const massPoints = kernel('bodies', 'masses that attract one another, doubles', [16, 4, 1500], bodies);
export const filter = kernel('filter', 'a signal through 16 weights, exact singles', [1000, 20, 4000], filtered);
export const dot = kernel('dot', 'fused multiply-add of 2,000 doubles', [2000, 20, 25_000], dotProduct);
