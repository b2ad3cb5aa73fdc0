// `trapeze verify`: the same image bare and virtual, compared at guest steps of varying distance.

import { disassemble } from '../asm/disassemble.ts';
import { ConsoleInput } from '../devices/console-input.ts';
import type { Engine } from '../machine/hardware.ts';
import { bareSystem, virtualSystem } from '../session/system.ts';
import { type Side, type Verdict, verify } from '../session/verify.ts';
import { ExitCode } from './failure.ts';
import { type MachineOptions, type PlannedGuest, planGuests } from './machine-options.ts';
import { Progress } from './progress.ts';

interface VerifyOptions extends MachineOptions {
  readonly limit: number;
  readonly json?: boolean;
}

export function verifyCommand(image: string, options: VerifyOptions): void {
  const [guest] = planGuests([image], options) as [PlannedGuest];
  const spec = (output: (byte: number) => void) => guest.spec(ConsoleInput.script(guest.typed ?? []), output);
  const { engine } = options;
  const bare = (on: Engine): Side => ({
    name: `${on} bare`,
    make: (output) => bareSystem(spec(output), { engine: on }),
  });
  const virtual = (on: Engine): Side => ({
    name: `${on} virtual`,
    make: (output) => virtualSystem([spec(output)], { engine: on }),
  });
  const sides: readonly [Side, ...Side[]] =
    engine === 'reference' ? [bare(engine), virtual(engine)] : [bare('reference'), bare(engine), virtual(engine)];
  const progress = new Progress(options.limit);
  const verdict = verify(sides, options.limit, (steps) => progress.show(steps));
  progress.clear();
  const text = options.json ? json(guest, sides, verdict) : prose(guest, sides, verdict);
  process.stdout.write(`${text}\n`);
  process.exitCode = verdict.agrees ? ExitCode.Done : ExitCode.CheckFailed;
}

function instructionText(verdict: Verdict & { agrees: false }): string {
  if (verdict.instruction === undefined) return 'an interrupt or a fault of the fetch';
  return disassemble(verdict.instruction, verdict.pc, { aliases: true }).text.replace('\t', ' ');
}

function prose({ name, named }: PlannedGuest, sides: readonly Side[], verdict: Verdict): string {
  if (verdict.agrees) {
    const where = verdict.ended ? 'to the end' : 'up to the limit';
    return `${name}: no divergence between ${sides.map((side) => side.name).join(', ')} in ${verdict.steps} steps, ${where}`;
  }
  const [first, second] = verdict.sides;
  const symbol = named.symbols.describe(verdict.pc);
  const hart = verdict.hart === 0 ? '' : `hart ${verdict.hart} at `;
  const place = `${hart}0x${verdict.pc.toString(16)}${symbol === undefined ? '' : ` (${symbol})`}`;
  return [
    `${name}: ${first.name} and ${second.name} differ after step ${verdict.step}, at ${place}: ${instructionText(verdict)}`,
    ...verdict.differences.map(
      ({ hart, what, values }) => `  hart ${hart} ${what}: ${first.name} ${values[0]}, ${second.name} ${values[1]}`,
    ),
  ].join('\n');
}

function json({ name }: PlannedGuest, sides: readonly Side[], verdict: Verdict): string {
  const common = {
    schema: 'trapeze/verify/1',
    name,
    sides: (verdict.agrees ? sides : verdict.sides).map((side) => side.name),
    agrees: verdict.agrees,
  };
  const rest = verdict.agrees
    ? { steps: verdict.steps, ended: verdict.ended }
    : {
        step: verdict.step,
        hart: verdict.hart,
        pc: `0x${verdict.pc.toString(16)}`,
        instruction: instructionText(verdict),
        differences: verdict.differences,
      };
  return JSON.stringify({ ...common, ...rest }, null, 2);
}
