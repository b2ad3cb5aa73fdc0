// Reads which file imports which, and judges it by the table of docs/architecture.md. Every form of import counts,
// `import type` too, since a layer that knows another's types knows that layer.
// Left out: imports whose name is computed; the tree has none.

import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { posix } from 'node:path';

/** Paths from the root of the checkout, with forward slashes, to what each file imports, as written. */
export type Imports = ReadonlyMap<string, readonly string[]>;

/** A layer is the longest folder of LAYERS that a path lies in; '*' stands for every layer. */
export type Layers = ReadonlyMap<string, readonly string[]>;

const DOOR = 'src/machine/hardware.ts';
const GUEST_SIDE = ['isa', 'src/asm', 'src/devices', 'src/platform'];

/** What each folder may import besides itself. A name that ends in `.ts` allows that one file. */
export const LAYERS: Layers = new Map([
  ['isa', []],
  ['src/asm', ['isa']],
  ['src/devices', []],
  ['src/platform', ['isa', 'src/devices']],
  ['src/machine', ['isa', 'src/devices', 'src/platform']],
  ['src/hypervisor', ['isa', 'src/devices', 'src/platform', DOOR]],
  ['src/debug', ['isa', 'src/asm', DOOR, 'src/hypervisor']],
  ['src/session', [...GUEST_SIDE, 'src/machine', 'src/hypervisor', 'src/debug']],
  ['src/bench', [...GUEST_SIDE, 'src/machine', 'src/hypervisor', 'src/debug', 'src/session']],
  ['src/cli', [...GUEST_SIDE, 'src/machine', 'src/hypervisor', 'src/debug', 'src/session', 'src/bench']],
  ['src/web', [...GUEST_SIDE, 'src/machine', 'src/hypervisor', 'src/debug', 'src/session', 'src/bench']],
  ['bench', ['*']],
  ['tests', ['*']],
]);

/** The layers that may use Node's own modules and installed packages; all others run in a page as well. */
const HOSTED = ['src/cli', 'bench', 'tests'];
/** Whose packages a bundler puts into the page. */
const BUNDLED = 'src/web';

/** Pairs that meet in `isa` and otherwise know nothing of each other. */
const STRANGERS: readonly (readonly [RegExp, RegExp])[] = [
  [/^(isa|src\/machine)\/reference\b/, /^src\/machine\/(translator|baseline|regions)\b/],
];

const FORMS = [
  /^(?:import|export)\s[^'";]*?\bfrom\s*['"]([^'"]+)['"]/gm,
  /^import\s*['"]([^'"]+)['"]/gm,
  /\bimport\(\s*['"]([^'"]+)['"]/g,
];

export function importsIn(source: string): string[] {
  return FORMS.flatMap((form) => [...source.matchAll(form)].map((match) => match[1] as string));
}

/** The imports of every TypeScript file under these folders of the checkout at `root`. */
export function readImports(root: string, folders: Iterable<string>): Imports {
  const imports = new Map<string, string[]>();
  for (const folder of folders) {
    for (const name of readdirSync(posix.join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (!/\.tsx?$/.test(name)) continue;
      const path = posix.join(folder, name.replaceAll('\\', '/'));
      imports.set(path, importsIn(readFileSync(posix.join(root, path), 'utf8')));
    }
  }
  return imports;
}

/** One sentence for each import that the table forbids, and one for each cycle. */
export function violations(imports: Imports, layers: Layers = LAYERS): string[] {
  const found: string[] = [];
  for (const [file, names] of imports) {
    const layer = layerOf(file, layers);
    if (layer === undefined) {
      found.push(`${file} lies in no folder of the table`);
      continue;
    }
    for (const name of names) {
      const problem = name.startsWith('.')
        ? judge(file, layer, resolve(file, name), layers)
        : judgePackage(layer, name);
      if (problem) found.push(`${file} imports ${name}: ${problem}`);
    }
  }
  return [...found, ...cycles(imports)];
}

function judge(file: string, layer: string, target: string, layers: Layers): string | undefined {
  const stranger = STRANGERS.some(([a, b]) => (a.test(file) && b.test(target)) || (b.test(file) && a.test(target)));
  if (stranger) return 'the reference and the translator meet in isa only';
  const targetLayer = layerOf(target, layers);
  if (targetLayer === undefined) return 'it lies in no folder of the table';
  const allowed = layers.get(layer) ?? [];
  if (targetLayer === layer || allowed.includes('*') || allowed.includes(targetLayer) || allowed.includes(target))
    return;
  return `${layer} may import ${allowed.length > 0 ? allowed.join(', ') : 'nothing else'}`;
}

function judgePackage(layer: string, name: string): string | undefined {
  if (HOSTED.includes(layer)) return;
  // The page's own packages are bundled into it; none of them may be Node's.
  if (layer === BUNDLED && !isBuiltin(name)) return;
  return `only ${HOSTED.join(', ')} use Node and installed packages (${name})`;
}

function layerOf(path: string, layers: Layers): string | undefined {
  return [...layers.keys()].filter((folder) => path.startsWith(`${folder}/`)).sort((a, b) => b.length - a.length)[0];
}

const resolve = (file: string, name: string) => posix.join(posix.dirname(file), name);

/** Depth-first search; each cycle is named once, at the import that closes it. */
function cycles(imports: Imports): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string) => {
    if (done.has(file)) return;
    const start = path.indexOf(file);
    if (start >= 0) {
      found.push(`import cycle: ${[...path.slice(start), file].join(' → ')}`);
      return;
    }
    path.push(file);
    for (const name of imports.get(file) ?? []) if (name.startsWith('.')) visit(resolve(file, name));
    path.pop();
    done.add(file);
  };
  for (const file of imports.keys()) visit(file);
  return found;
}
