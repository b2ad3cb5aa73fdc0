// The command line: what commands and options there are, with examples. Each command is a file of its own; errors end
// here, as the message and exit code of docs/interface.md.

import { Command, CommanderError, Option } from 'commander';
import { DEFAULT_EXTENSIONS } from '../../isa/extensions.ts';
import { isaString } from '../../isa/isa-string.ts';
import { DEFAULT_DISCIPLINE, DISCIPLINES } from '../hypervisor/shadow/discipline.ts';
import { DEFAULT_ENGINE, ENGINES } from '../machine/hardware.ts';
import { asmCommand } from './asm.ts';
import { benchCommand } from './bench.ts';
import { checkIsaCommand } from './check-isa.ts';
import { disasmCommand } from './disasm.ts';
import { parseDisk } from './disks.ts';
import { ExitCode, Failure } from './failure.ts';
import { guestsCommand } from './guests.ts';
import { useKeptCore } from './kept-core.ts';
import {
  collect,
  parseAddress,
  parseCount,
  parseExtensions,
  parseGdb,
  parseHarts,
  parseInput,
  parseLog,
  parsePort,
  parseRoom,
  parseSeconds,
  parseSeed,
  parseSize,
} from './options.ts';
import { runCommand } from './run.ts';
import { verifyCommand } from './verify.ts';
import { version } from './version.ts';
import { webCommand } from './web.ts';

const IMAGE = 'a bundled guest, assembly (.s, .S), an ELF, a Linux Image, or raw bytes';

/** Where the page is served unless another port is named. */
const WEB_PORT = 8410;

/** Options of a machine, for the commands that boot one. */
function machineOptions(command: Command): Command {
  return command
    .addOption(
      new Option('-m, --memory <size>', 'RAM of each machine').argParser(parseSize).default(parseSize('128M'), '128M'),
    )
    .addOption(new Option('--smp <n>', 'harts of each machine').argParser(parseHarts).default(1))
    .addOption(new Option('--mode <mode>', 'privilege at entry, where the image does not tell').choices(['m', 's']))
    .option('--firmware <file>', "M-mode code for the guest's reset; the image then starts in S")
    .option(
      '--disk <[name=]file[,readonly]>',
      'a virtio disk, of the machine of that name or of each; repeatable; `,snapshot` drops what is written',
      parseDisk,
    )
    .addOption(
      new Option('--console <device>', 'where typed bytes arrive: the UART, or a virtio console beside it')
        .choices(['uart', 'virtio'])
        .default('uart'),
    )
    .option('--seed <n>', 'what the virtio entropy device gives depends on this number alone (default: 0)', parseSeed)
    .option('--append <text>', 'the kernel command line, as a boot loader would pass it')
    .option('--initrd <file>', 'an initial RAM disk, likewise')
    .addOption(
      new Option('--isa <string>', `leave extensions out (default: all, ${isaString(DEFAULT_EXTENSIONS)})`).argParser(
        parseExtensions,
      ),
    )
    .addOption(new Option('--engine <engine>', 'what executes instructions').choices(ENGINES).default(DEFAULT_ENGINE))
    .addOption(
      new Option(
        '--shadow <discipline>',
        `how shadow page tables follow the guest's: at fences, at each store, or dropped (default: ${DEFAULT_DISCIPLINE}; with --gdb, trace alone)`,
      ).choices(DISCIPLINES),
    )
    .option('--input <[name=]file>', 'what is typed on a console; the first one where no name is given', parseInput)
    .option('--config <file>', 'instead of images: a file of machines with options of their own, as JSON');
}

function program(): Command {
  const trapeze = new Command('trapeze')
    .description('Guest operating systems on a simulated RISC-V machine, under a trap-and-emulate monitor.')
    .version(version())
    .showHelpAfterError('(trapeze --help lists commands, trapeze COMMAND --help their options)')
    .addHelpText('after', examples('trapeze run ticks lilliput --stats', 'trapeze run --bare hello', 'trapeze guests'));

  machineOptions(trapeze.command('run').description('boot each image as a virtual machine and attach its console'))
    .argument('[image...]', IMAGE)
    .option('--bare', 'boot one image on the simulated machine itself, no monitor')
    .addOption(
      new Option(
        '--clock <clock>',
        'idle time: skipped (virtual) or waited for (wall); by default wall on a terminal',
      ).choices(['virtual', 'wall']),
    )
    .option('--limit <n>', 'stop after this many guest steps in all (exit code 124)', parseCount)
    .option('--timeout <seconds>', 'stop after this much host time (exit code 124)', parseSeconds)
    .option('--until <text>', 'stop with exit code 0 as soon as a console shows the text')
    .option('--stats', 'the ledger of exits, on standard error, at the end')
    .option('--json', 'instead of text: one JSON document on standard output')
    .option(
      '--log <what[,file]>',
      'one line an event: exits, traps, instructions, or commits as spike writes them; to standard error or the file',
      parseLog,
    )
    .addOption(
      new Option('--log-size <size>', 'the most that a log may take in a file')
        .argParser(parseRoom)
        .default(parseRoom('1G'), '1G'),
    )
    .option(
      '--gdb <[host:]port>',
      'serve GDB, to this machine alone unless a host is named; disks keep no changes',
      parseGdb,
    )
    .option('-S', 'with --gdb: wait for it before the first instruction')
    .option('--trace <file>', 'when each hart runs, exits and waits: for ui.perfetto.dev, or (.vcd) for GTKWave')
    .addOption(
      new Option('--trace-size <size>', 'the most that a trace may take')
        .argParser(parseRoom)
        .default(parseRoom('256M'), '256M'),
    )
    .option('--profile <file>', 'where the steps go, by guest symbol: speedscope (.json) or folded stacks')
    .addHelpText(
      'after',
      examples(
        'trapeze run lilliput                       a teaching OS under the monitor; Ctrl-A x quits',
        'trapeze run --bare lilliput                the same, owning the machine',
        'trapeze run ticks lilliput --stats         two machines at once, and what their traps cost',
        'trapeze run hello --log exits              every exit to the monitor, a line each',
        'trapeze run ticks lilliput --trace t.json  a timeline of both, for ui.perfetto.dev',
        'trapeze run lilliput --profile where.json  for speedscope.app: which symbols the steps are spent in',
        'trapeze run lilliput --gdb 1234 -S         then: gdb-multiarch -ex "target remote :1234"',
        'trapeze run kernel.elf --limit 1e6 --json  for a program to read',
        'trapeze run --config pair.json             the machines of a file, such as:',
        '  { "machines": [ { "image": "ticks", "memory": "32M" },',
        '                  { "name": "files", "image": "kernel.elf", "smp": 2, "disk": ["fs.img,snapshot"] } ] }',
      ),
    )
    .action(runCommand);

  trapeze
    .command('guests')
    .description('the bundled guests: name, mode, what each shows')
    .option('--json', 'as a JSON document')
    .action(guestsCommand);

  trapeze
    .command('asm')
    .description('assemble and link files into one ELF')
    .argument('<file...>', 'assembly (.s), preprocessed first if .S')
    .option('-o, --output <file>', "the ELF to write (default: the first file's name with .elf)")
    .option('-I <folder>', 'where to look for included files; repeatable', collect)
    .option('-D <name[=value]>', 'define a macro of the preprocessor; repeatable', collect)
    .addOption(
      new Option('--base <address>', 'where to link').argParser(parseAddress).default(0x8000_0000n, '0x80000000'),
    )
    .option('--listing', 'print addresses, bytes and source')
    .option('--raw', 'write the bytes of memory instead of an ELF')
    .addHelpText('after', examples('trapeze asm kernel.s trap.s -o kernel.elf', 'trapeze asm hello.s --listing'))
    .action(asmCommand);

  trapeze
    .command('disasm')
    .description('disassemble an image')
    .argument('<image>', IMAGE)
    .option('--no-aliases', "instructions as they are, without the manual's pseudo-instructions")
    .addHelpText('after', examples('trapeze disasm hello', 'trapeze disasm kernel.elf --no-aliases'))
    .action(disasmCommand);

  machineOptions(trapeze.command('verify').description('run an image bare and virtual and name the first difference'))
    .argument('[image]', IMAGE)
    .option('--limit <n>', 'how many guest steps to compare', parseCount, 100_000_000)
    .option('--json', 'as a JSON document')
    .addHelpText('after', examples('trapeze verify hello', 'trapeze verify lilliput --input typed.txt'))
    .action(verifyCommand);

  trapeze
    .command('check-isa')
    .description("Popek and Goldberg's condition: does every sensitive instruction trap below the monitor?")
    .option('--mutate <name>', 'break the machine first, as x86 was; `list` names the ways, one a line')
    .option('--json', 'as a JSON document')
    .addHelpText(
      'after',
      examples('trapeze check-isa', 'trapeze check-isa --mutate list', 'trapeze check-isa --mutate sret-ignored'),
    )
    .action(checkIsaCommand);

  trapeze
    .command('bench')
    .description('what each kind of trap costs, bare and virtual')
    .argument('[name...]', '`traps`, or some of them by name; all where none is given')
    .addOption(new Option('--engine <engine>', 'what executes instructions').choices(ENGINES).default(DEFAULT_ENGINE))
    .addOption(
      new Option('--shadow <discipline>', `how shadow page tables follow (default: ${DEFAULT_DISCIPLINE})`).choices(
        DISCIPLINES,
      ),
    )
    .option('--quick', 'shorter runs, once')
    .option('--json', 'as a JSON document')
    .addHelpText('after', examples('trapeze bench traps', 'trapeze bench system-call satp --quick'))
    .action(benchCommand);

  trapeze
    .command('web')
    .description('serve the teaching page to this machine alone')
    .addOption(new Option('--port <n>', 'where (0: any free one)').argParser(parsePort).default(WEB_PORT))
    .addHelpText('after', examples('trapeze web', 'trapeze web --port 8080'))
    .action(webCommand);

  for (const command of [trapeze, ...trapeze.commands]) command.exitOverride();
  return trapeze;
}

function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}

async function main(): Promise<void> {
  useKeptCore();
  try {
    await program().parseAsync();
  } catch (error) {
    if (error instanceof Failure) {
      process.stderr.write(`${error.message}\n`);
      process.exitCode = error.exitCode;
    } else if (error instanceof CommanderError) {
      // Commander has printed help, version or what is wrong.
      process.exitCode = error.exitCode === 0 ? ExitCode.Done : ExitCode.Usage;
    } else reportBug(error);
  }
}

function reportBug(error: unknown): void {
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(
    `trapeze: a bug in Trapeze, not in your guest. Please report it with this text and the command:\n` +
      `  trapeze ${version()}, Node ${process.version}: trapeze ${process.argv.slice(2).join(' ')}\n${what}\n`,
  );
  process.exitCode = ExitCode.InternalError;
}

// Whoever reads our output may stop reading (`| head`): then there is nothing left to say.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(ExitCode.Done);
  reportBug(error);
});

void main();
