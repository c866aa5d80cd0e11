/** The spans around one span in its tree. Pure. */
import type { SpanLine } from "@/api/types.ts";
import type { Node } from "./span-tree.ts";

export interface Relatives {
  parent: SpanLine | null;
  /** First of its children. */
  child: SpanLine | null;
  children: number;
  previous: SpanLine | null;
  next: SpanLine | null;
  /** Place among its siblings, from 1. */
  position: number;
  siblings: number;
}

/** Who stands around a span; `null` when it is not in the tree. */
export function relativesOf(roots: readonly Node[], spanId: string | undefined): Relatives | null {
  const find = (nodes: readonly Node[], parent: SpanLine | null): Relatives | null => {
    for (const [index, node] of nodes.entries()) {
      if (node.span.span_id === spanId) {
        return {
          parent,
          child: node.children[0]?.span ?? null,
          children: node.children.length,
          previous: nodes[index - 1]?.span ?? null,
          next: nodes[index + 1]?.span ?? null,
          position: index + 1,
          siblings: nodes.length,
        };
      }
      const below = find(node.children, node.span);
      if (below) return below;
    }
    return null;
  };
  return find(roots, null);
}
