// The machine that figures belong to, and a core of it to hold a process to.

import { cpus, release, totalmem, type } from 'node:os';
import { printed } from './processes.ts';

const GIBIBYTE = 2 ** 30;

export function describeHost(): Record<string, string> {
  const cores = cpus();
  return {
    processor: `${cores[0]?.model.trim() ?? 'unknown'}, ${cores.length} core${cores.length === 1 ? '' : 's'}`,
    memory: `${(totalmem() / GIBIBYTE).toFixed(1)} GiB`,
    system: `${type()} ${release()}`,
    node: process.version,
  };
}

/** Words before a command that hold it to a core; none where the host cannot do that. */
export function pinning(core: number | undefined): readonly string[] {
  if (core === undefined) return [];
  const words = ['taskset', '-c', `${core}`];
  return printed([...words, process.execPath, '--version']) === undefined ? [] : words;
}
