/**
 * The values that columns of Backlog tables have by the rules of the specification, from payloads of the
 * stand-in. Used by the list of expected tables and by the test that compares them.
 * Spec: backlog-replication 1.6, 1.9.
 */
import type { Dump } from '../../src/demo/index.ts'

export type Json = Readonly<Record<string, unknown>>
export interface Row {
  readonly payload: Json
  readonly by: Json
}

export interface ExpectedTable {
  /** `Name type`, in the words of the specification. */
  readonly columns: string
  /** As CQL prints it. */
  readonly key: string
  readonly rows: (dump: Dump) => readonly Row[]
  /** Where the name of a column does not tell its member. */
  readonly members?: Readonly<Record<string, (row: Row) => unknown>>
}

export function nodesOf({ payload, by }: Row): Row[] {
  const walk = (nodes: readonly Json[], tree: string, depth: number, parent?: unknown): Row[] =>
    nodes.flatMap((node, position) => [
      {
        payload: {},
        by: {
          ...{ ...by, nodeId: node['id'], parentNodeId: parent, tree, name: node['name'] },
          ...{ emoji: node['emoji'], position, depth },
        },
      },
      ...walk((node['children'] ?? []) as Json[], tree, depth + 1, node['id']),
    ])
  const below = (tree: string) => (at(payload[tree], 'children') ?? []) as Json[]
  return [...walk(below('activeTree'), 'active', 0), ...walk(below('trashTree'), 'trash', 0)]
}

export function at(from: unknown, member: string): unknown {
  return (from as Json | null | undefined)?.[member]
}

const COUNTED: Readonly<Record<string, string>> = {
  AttachmentCount: 'attachments',
  SharedFileCount: 'sharedFiles',
  StarCount: 'stars',
  ChangeLogCount: 'changeLog',
  NotificationCount: 'notifications',
  MemberCount: 'members',
  ItemCount: 'items',
}
const LISTED: Readonly<Record<string, string>> = { version: 'versions', tag: 'tags' }

/** The value that a column of this name has by the rules of the specification. */
export function expectedValue(table: ExpectedTable, name: string, row: Row): unknown {
  const given = table.members?.[name]
  if (given !== undefined) return given(row)
  const camel = name.charAt(0).toLowerCase() + name.slice(1)
  const { payload, by } = row
  const counted = COUNTED[name]
  if (counted !== undefined) return ((payload[counted] ?? []) as unknown[]).length
  if (camel in payload) return payload[camel]
  const [, list, plural] = /^(\w+)(Id|Name)s$/.exec(camel) ?? []
  if (list !== undefined) {
    const all = (payload[LISTED[list] ?? list] ?? []) as Json[]
    return all.map(one => one[plural!.toLowerCase()])
  }
  if (camel in by) return by[camel]
  for (let end = name.length - 1; end > 0; end--) {
    const object = payload[camel.slice(0, end)]
    const rest = camel.charAt(end).toLowerCase() + camel.slice(end + 1)
    if (typeof object !== 'object' || object === null) continue
    if (rest in object) return at(object, rest)
    if (camel in object) return at(object, camel)
  }
  return null
}
