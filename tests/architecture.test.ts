// The import table of docs/architecture.md, enforced over the real tree, and a proof on made-up imports that each
// rule of it notices its breach.

import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { importsIn, LAYERS, readImports, violations } from './support/imports.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const folders = [...new Set([...LAYERS.keys()].map((folder) => folder.split('/')[0] as string))];

/** The violations of a tree in which `file` imports `name`. */
const breach = (file: string, name: string) => violations(new Map([[file, [name]]]));

test('every import of the tree is one that the table of docs/architecture.md allows', () => {
  const imports = readImports(
    ROOT,
    folders.filter((folder) => existsSync(`${ROOT}/${folder}`)),
  );
  expect(imports.size).toBeGreaterThan(0);
  expect(violations(imports)).toEqual([]);
});

test('from what a page loads nothing is reached that is not in this tree: no module of Node, no package', () => {
  const imports = readImports(ROOT, ['isa', 'src']);
  const reached = new Set<string>();
  const foreign: string[] = [];
  const visit = (file: string) => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const name of imports.get(file) ?? []) {
      if (name.startsWith('.')) visit(posix.join(posix.dirname(file), name));
      else foreign.push(`${file} imports ${name}`);
    }
  };
  const inPage = /^(isa|src\/(asm|devices|platform|machine|hypervisor|debug|session))\//;
  for (const file of imports.keys()) if (inPage.test(file)) visit(file);
  expect(reached.size).toBeGreaterThan(0);
  expect(foreign).toEqual([]);
});

describe('a breach of the table is noticed', () => {
  const breaches: readonly (readonly [rule: string, file: string, name: string])[] = [
    ['isa imports nothing outside isa', 'isa/trap.ts', '../src/devices/uart.ts'],
    ['a device knows no instruction set', 'src/devices/uart.ts', '../../isa/state.ts'],
    ['the platform knows no hart loop', 'src/platform/board.ts', '../machine/hart.ts'],
    ['the machine knows no monitor', 'src/machine/hart.ts', '../hypervisor/vm.ts'],
    ['the monitor reaches the machine through its door only', 'src/hypervisor/vm.ts', '../machine/hart.ts'],
    ['nothing but the command line knows the command line', 'src/web/page.ts', '../cli/main.ts'],
    ['src imports no tests', 'src/cli/main.ts', '../../tests/support/imports.ts'],
    ['src does not import the top-level bench', 'src/bench/run.ts', '../../bench/main.ts'],
    ['the reference does not know the translator', 'src/machine/reference.ts', './translator/emit.ts'],
    ['the translator does not know the reference', 'src/machine/translator/emit.ts', '../../../isa/reference.ts'],
    ['Node stays in the command line and the benchmarks', 'src/platform/image.ts', 'node:fs'],
    ['packages stay there too', 'src/asm/parser.ts', 'commander'],
    ['a new folder needs a row in the table', 'src/misc/helpers.ts', './more.ts'],
    ['nothing outside the table is imported', 'src/cli/main.ts', '../../scripts/run.ts'],
  ];
  test.each(breaches)('%s', (_rule, file, name) => {
    expect(breach(file, name)).toHaveLength(1);
  });

  test('files that import each other are a cycle, however long', () => {
    const ring = new Map([
      ['isa/a.ts', ['./b.ts']],
      ['isa/b.ts', ['./c.ts']],
      ['isa/c.ts', ['./a.ts']],
    ]);
    expect(violations(ring)).toEqual(['import cycle: isa/a.ts → isa/b.ts → isa/c.ts → isa/a.ts']);
  });
});

describe('what the table allows', () => {
  const allowed: readonly (readonly [file: string, name: string])[] = [
    ['src/hypervisor/vm.ts', '../machine/hardware.ts'],
    ['src/machine/hart.ts', '../../isa/state.ts'],
    ['src/cli/main.ts', 'node:fs'],
    ['bench/main.ts', '../src/bench/run.ts'],
    ['tests/isa/trap.test.ts', '../../isa/trap.ts'],
  ];
  test.each(allowed)('%s imports %s', (file, name) => {
    expect(breach(file, name)).toEqual([]);
  });
});

test('every form of import is read, and words of prose are not', () => {
  const source = [
    "import { a } from './a.ts';",
    "import type { B } from './b.ts';",
    "import {\n  c,\n  d,\n} from './c.ts';",
    "export { e } from './e.ts';",
    "import './f.ts';",
    "const g = await import('./g.ts');",
    "// import nothing from './prose.ts'",
  ].join('\n');
  expect(importsIn(source).sort()).toEqual(['./a.ts', './b.ts', './c.ts', './e.ts', './f.ts', './g.ts']);
});
