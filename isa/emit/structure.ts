// Where each node of a tree goes in structured code. A node that several others lead to is placed once, behind a block
// that ends where its nearest common ancestor's own code does; the others leave to it with `br`.
// Trees have no cycles, so blocks are enough, and the order of nodesOf is an order of execution.

import { type Node, nodesOf, successors } from '../tree.ts';

export interface Structure {
  /** Nodes that more than one other leads to. */
  readonly shared: ReadonlySet<Node>;
  /** By a node, the shared nodes that are placed behind it, in order of execution. */
  readonly behind: ReadonlyMap<Node, readonly Node[]>;
}

export function structureOf(root: Node): Structure {
  const nodes = nodesOf(root);
  const order = new Map(nodes.map((node, index) => [node, index]));
  const dominator = new Map<Node, Node>([[root, root]]);
  const ways = new Map<Node, number>();
  const at = (node: Node) => order.get(node) as number;
  const parent = (node: Node) => dominator.get(node) as Node;
  const common = (a: Node, b: Node): Node => {
    if (a === b) return a;
    return at(a) > at(b) ? common(parent(a), b) : common(a, parent(b));
  };
  for (const node of nodes) {
    for (const next of successors(node)) {
      ways.set(next, (ways.get(next) ?? 0) + 1);
      const known = dominator.get(next);
      dominator.set(next, known === undefined ? node : common(known, node));
    }
  }
  const shared = new Set(nodes.filter((node) => (ways.get(node) ?? 0) > 1));
  const behind = new Map<Node, Node[]>();
  for (const node of shared) behind.set(parent(node), [...(behind.get(parent(node)) ?? []), node]);
  return { shared, behind };
}
