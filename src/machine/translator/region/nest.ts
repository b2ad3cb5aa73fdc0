// A control-flow graph as nested sequences and loops, which is all that wasm has. A loop that is entered in several
// places is given a dispatcher, which goes to the one that was asked for; going round again goes through it too, but
// the loops inside stay loops of their own. So any graph becomes one (Havlak, "Nesting of Reducible and Irreducible
// Loops", 1997, by repeated strongly connected components).

export type Item<N> =
  | { readonly kind: 'node'; readonly node: N }
  /** Control comes in at its headers, with more than one through a dispatcher, and round again at the first of them. */
  | { readonly kind: 'loop'; readonly headers: readonly N[]; readonly body: readonly Item<N>[] };

/**
 * The nodes that are reachable from `entries`, in an order in which every edge but those to a header of a loop that
 * holds it goes forward.
 */
export function nest<N>(entries: readonly N[], successors: (node: N) => readonly N[]): readonly Item<N>[] {
  const reached = new Set<N>();
  const reach = (node: N): void => {
    if (reached.has(node)) return;
    reached.add(node);
    for (const next of successors(node)) reach(next);
  };
  for (const entry of entries) reach(entry);
  const predecessors = new Map<N, N[]>([...reached].map((node) => [node, []]));
  for (const node of reached) for (const next of successors(node)) predecessors.get(next)?.push(node);

  /**
   * @param cut first headers of the loops around: edges to them go round again.
   * @param comesIn where control comes in from outside the graph, or from a dispatcher around.
   */
  const sequence = (nodes: ReadonlySet<N>, cut: ReadonlySet<N>, comesIn: ReadonlySet<N>): Item<N>[] => {
    const inside = (node: N) => successors(node).filter((next) => nodes.has(next) && !cut.has(next));
    return components(nodes, inside).map((component): Item<N> => {
      const [only] = component;
      const single = component.length === 1 && only !== undefined;
      if (single && !inside(only).includes(only)) return { kind: 'node', node: only };
      const members = new Set(component);
      const reachedFromOutside = (node: N) => predecessors.get(node)?.some((from) => !members.has(from)) === true;
      const natural = component.filter(reachedFromOutside);
      const headers = [...natural, ...component.filter((node) => !natural.includes(node) && comesIn.has(node))];
      const first = headers[0] as N; // control comes in somewhere
      const inner = new Set([...comesIn, ...headers]);
      return { kind: 'loop', headers, body: sequence(members, new Set([...cut, first]), inner) };
    });
  };
  return sequence(reached, new Set(), new Set(entries));
}

/** Where control goes round again in each loop, those inside others too. */
export function loopHeaders<N>(items: readonly Item<N>[]): N[] {
  return items.flatMap((item) => (item.kind === 'node' ? [] : [item.headers[0] as N, ...loopHeaders(item.body)]));
}

/** Strongly connected components in topological order (Tarjan 1972). */
function components<N>(nodes: ReadonlySet<N>, successors: (node: N) => readonly N[]): N[][] {
  const index = new Map<N, number>();
  const low = new Map<N, number>();
  const stack: N[] = [];
  const onStack = new Set<N>();
  const found: N[][] = [];
  const visit = (node: N): void => {
    const own = index.size;
    index.set(node, own);
    low.set(node, own);
    stack.push(node);
    onStack.add(node);
    for (const next of successors(node)) {
      if (!index.has(next)) {
        visit(next);
        low.set(node, Math.min(low.get(node) as number, low.get(next) as number));
      } else if (onStack.has(next)) low.set(node, Math.min(low.get(node) as number, index.get(next) as number));
    }
    if (low.get(node) !== own) return;
    const component: N[] = [];
    for (;;) {
      const member = stack.pop() as N; // this node is on it
      onStack.delete(member);
      component.push(member);
      if (member === node) break;
    }
    found.push(component);
  };
  for (const node of nodes) if (!index.has(node)) visit(node);
  return found.reverse();
}
