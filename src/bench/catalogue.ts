// All workloads, in the order in which tables list them.

import type { Workload } from './workload.ts';
import { calls } from './workloads/calls.ts';
import { chaseFar, chaseNear } from './workloads/chase.ts';
import { crc } from './workloads/crc.ts';
import { faults } from './workloads/faults.ts';
import { dot, filter, mandelbrot, massPoints } from './workloads/floating.ts';
import { indirect } from './workloads/indirect.ts';
import { integer } from './workloads/integer.ts';
import { interrupts } from './workloads/interrupts.ts';
import { matrix } from './workloads/matrix.ts';
import { memcpy } from './workloads/memcpy.ts';
import { operations } from './workloads/operations.ts';
import { quicksort } from './workloads/quicksort.ts';
import { recursion } from './workloads/recursion.ts';
import { sieve } from './workloads/sieve.ts';
import { string } from './workloads/string.ts';
import { switches } from './workloads/switches.ts';

export const WORKLOADS: readonly Workload[] = [
  integer,
  memcpy,
  chaseNear,
  chaseFar,
  matrix,
  sieve,
  quicksort,
  recursion,
  indirect,
  string,
  crc,
  mandelbrot,
  massPoints,
  filter,
  dot,
  calls,
  faults,
  switches,
  interrupts,
  ...operations,
];
