// The ledger for people: --stats, on standard error. Steps by privilege, then a line an exit reason, most frequent
// first, with its share and, where host time was measured, what one costs; then how the machine's own steps were taken.

import type { ExitReason } from '../hypervisor/reason.ts';
import type { TranslatorStatistics } from '../machine/hardware.ts';
import { TURN_STEPS } from '../platform/interleaver.ts';
import type { MachineReport, RunReport } from '../session/report.ts';
import type { Steps } from '../session/system.ts';

const number = (value: number) => value.toLocaleString('en-US');

export function statsText(report: RunReport): string {
  const lines = report.machines.flatMap((machine) => [...machineLines(machine), '']);
  const steps = report.machines.reduce((sum, { steps }) => sum + steps.user + steps.supervisor + steps.machine, 0);
  const seconds = report.hostNanoseconds / 1e9;
  const rate = seconds > 0 ? ` (${(steps / seconds / 1e6).toFixed(1)} million a second)` : '';
  if (report.translator !== undefined) lines.push(...translatorLines(report.translator), '');
  return [...lines, `${number(steps)} guest steps in ${seconds.toFixed(2)} s${rate}, engine ${report.engine}`, ''].join(
    '\n',
  );
}

function stepsText({ user, supervisor, machine }: Steps): string {
  const total = user + supervisor + machine;
  return `${number(total)} steps: user ${number(user)}, supervisor ${number(supervisor)}, machine ${number(machine)}`;
}

function machineLines({ name, outcome, steps, harts, switches, exits, shadow }: MachineReport): string[] {
  const ending = outcome.kind === 'exit' ? `exit ${outcome.code}` : outcome.kind;
  const lines = [`${name}: ${ending}`, `  ${stepsText(steps)}`];
  if (harts.length > 1) {
    lines.push(...harts.map((hart, index) => `  hart ${index}: ${stepsText(hart)}`));
    lines.push(`  ${number(switches)} times one hart went on after another, in turns of ${number(TURN_STEPS)} steps`);
  }
  const happened = exits.filter(({ count }) => count > 0).toSorted((a, b) => b.count - a.count);
  if (happened.length === 0) return lines;
  const all = happened.reduce((sum, { count }) => sum + count, 0);
  lines.push(`  ${'exits'.padEnd(18)}${'count'.padStart(10)}${'share'.padStart(8)}${'ns each'.padStart(10)}`);
  for (const { reason, count, hostNanoseconds } of happened) {
    const share = `${((100 * count) / all).toFixed(1)}%`;
    const each = hostNanoseconds > 0 ? number(Math.round(hostNanoseconds / count)) : '';
    lines.push(`  ${reason.padEnd(18)}${number(count).padStart(10)}${share.padStart(8)}${each.padStart(10)}`);
  }
  lines.push(`  ${'all'.padEnd(18)}${number(all).padStart(10)}`);
  const faults = (reason: ExitReason) => number(exits.find((exit) => exit.reason === reason)?.count ?? 0);
  const { discipline, fills, prefetched, dropped, synced, outOfSync, contexts, evictions } = shadow;
  lines.push(
    `  shadow, ${discipline}: ${number(fills)} fills (${number(prefetched)} beside another), ${number(dropped)} dropped, ${number(contexts)} contexts, ${number(evictions)} evictions`,
    `    ${number(outOfSync)} pages put out of sync, ${number(synced)} entries synchronised; page faults: ${faults('shadow-fill')} hidden, ${faults('page-fault')} true`,
  );
  return lines;
}

const TAKEN_BY = { regions: 'regions', interpreted: 'interpreter', asides: 'left aside', traps: 'traps' } as const;

function translatorLines({ steps, misses, exits, made }: TranslatorStatistics): string[] {
  const all = Object.values(steps).reduce((sum, count) => sum + count, 0);
  const share = (count: number) => (all > 0 ? `${((100 * count) / all).toFixed(1)}%` : '');
  const milliseconds = (nanoseconds: number) => `${(nanoseconds / 1e6).toFixed(1)} ms`;
  const taken = Object.entries(TAKEN_BY).map(([what, name]) => {
    const count = steps[what as keyof typeof TAKEN_BY];
    return `  ${name.padEnd(18)}${number(count).padStart(14)}${share(count).padStart(8)}`;
  });
  const counts = (group: Readonly<Record<string, number>>) =>
    Object.entries(group)
      .map(([name, count]) => `${number(count)} ${name}`)
      .join(', ');
  return [
    `the machine: ${number(all)} steps`,
    ...taken,
    `  misses: ${counts(misses)}`,
    `  regions: ${number(made.regions)} of ${number(made.regionInstructions)} instructions, found hot ${number(made.arrivals)} times; left by ${counts(exits)}`,
    `  ${number(made.modules)} modules: ${milliseconds(made.emitNanoseconds)} to emit, ${milliseconds(made.compileNanoseconds)} to compile`,
  ];
}
