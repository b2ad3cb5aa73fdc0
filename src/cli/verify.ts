// `trapeze verify`: the same image bare and virtual, compared at guest steps of varying distance.

import { ConsoleInput } from '../devices/console-input.ts';
import type { Engine } from '../machine/hardware.ts';
import { bareSystem, virtualSystem } from '../session/system.ts';
import { type Side, verify } from '../session/verify.ts';
import { badUsage, ExitCode } from './failure.ts';
import { type MachineOptions, type PlannedGuest, planGuests } from './machine-options.ts';
import { Progress } from './progress.ts';
import { verdictData, verdictText } from './verdict.ts';

interface VerifyOptions extends MachineOptions {
  readonly limit: number;
  readonly json?: boolean;
}

export function verifyCommand(image: string | undefined, options: VerifyOptions): void {
  const planned = planGuests(image === undefined ? [] : [image], options, 'dropped');
  if (planned.length > 1) throw badUsage('verify compares one machine: name an image, or a --config FILE of one');
  const [guest] = planned as [PlannedGuest];
  const spec = (output: (byte: number) => void) => guest.spec(ConsoleInput.script(guest.typed ?? []), output);
  const { engine, shadow } = options;
  const bare = (on: Engine): Side => ({
    name: `${on} bare`,
    make: (output) => bareSystem(spec(output), { engine: on }),
  });
  const virtual = (on: Engine): Side => ({
    name: `${on} virtual`,
    make: (output) => virtualSystem([spec(output)], { engine: on, shadow }),
    exact: (output) => virtualSystem([spec(output)], { engine: on, shadow: 'trace' }),
  });
  const sides: readonly [Side, ...Side[]] =
    engine === 'reference' ? [bare(engine), virtual(engine)] : [bare('reference'), bare(engine), virtual(engine)];
  const progress = new Progress(options.limit);
  const verdict = verify(sides, options.limit, (steps) => progress.show(steps));
  progress.clear();
  const compared = { name: guest.name, symbols: guest.named.symbols, sides };
  const text = options.json ? JSON.stringify(verdictData(compared, verdict), null, 2) : verdictText(compared, verdict);
  process.stdout.write(`${text}\n`);
  process.exitCode = verdict.agrees ? ExitCode.Done : ExitCode.CheckFailed;
}
