/**
 * The tree of a project's documents as one row per node, the trash included.
 * Used by the table DocumentTree, and by the reader of documents to tell which are deleted.
 * Spec: backlog-replication 1.9 (DocumentTree), 2.9.
 */
import type { Json } from '../../backlog/index.ts'

interface Node {
  readonly id: string
  readonly name?: string
  readonly emoji?: string | null
  readonly children?: readonly Node[]
}

export function nodesOfTree(answer: Json): readonly Json[] {
  return [
    ...nodesBelow(answer['activeTree'] as Node | null | undefined, 'active'),
    ...nodesBelow(answer['trashTree'] as Node | null | undefined, 'trash'),
  ]
}

/** Parents before their children; the two roots are no documents. */
function nodesBelow(root: Node | null | undefined, tree: 'active' | 'trash'): Json[] {
  const rows: Json[] = []
  const queue = [{ node: root, parentNodeId: null as string | null, depth: 0 }]
  for (const { node, parentNodeId, depth } of queue) {
    for (const [position, child] of (node?.children ?? []).entries()) {
      const { id, name = null, emoji = null } = child
      rows.push({ id, name, emoji, parentNodeId, tree, position, depth })
      queue.push({ node: child, parentNodeId: id, depth: depth + 1 })
    }
  }
  return rows
}
