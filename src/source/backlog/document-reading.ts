/**
 * Reads documents: by the date of their last change from the newest down, and by the tree of each
 * project, which tells which are in the trash or gone.
 * Called by the reader.
 * Invariants: documents in the trash have no rows, and have them again when they come out of it; without
 * a tree nothing is deleted.
 * Spec: backlog-replication 1.8 (UPDATED-SORT), 2.9.
 */
import { type Json, offsetPages } from '../../backlog/index.ts'
import { nodesOfTree } from './document-tree.ts'
import { OVERLAP_MS } from './issue-reading.ts'
import { ofProjects } from './list-reading.ts'
import { fill, type SourcePage, type TableReading } from './table-reading.ts'
import { nextWatermark } from './watermark.ts'

export async function* documentPages(reading: TableReading): AsyncGenerator<SourcePage> {
  const { isFull, only, nowMs, cursor } = reading.of
  const isAnew = isFull || only !== undefined
  const { projects = [], leftOut = [] } = cursor
  const known = new Set(isAnew ? [] : projects.filter(one => !leftOut.includes(one)))
  const trash = new Set<string>()
  let seenMs = cursor.watermarkMs ?? 0
  yield* ofProjects(reading, async function* (project) {
    // A project that was not read the last time is read whole.
    const floor = known.has(project) ? (cursor.watermarkMs ?? 0) - OVERLAP_MS : 0
    for await (const page of changedOf(reading, { project, floor, trash })) {
      for (const { payload } of page.rows) seenMs = Math.max(seenMs, changedMs(payload))
      yield page
    }
  })
  // A tree that was not read tells of no document that it left the trash.
  if (reading.isFaulty) for (const id of cursor.trash ?? []) trash.add(id)
  const { trash: _before, ...kept } = reading.cursor
  reading.cursor = {
    ...{ ...kept, watermarkMs: nextWatermark(seenMs, nowMs) },
    ...(trash.size === 0 ? {} : { trash: [...trash] }),
  }
  yield reading.page([])
  reading.isComplete = !reading.isFaulty
}

async function* changedOf(
  reading: TableReading,
  of: { readonly project: number; readonly floor: number; readonly trash: Set<string> },
): AsyncGenerator<SourcePage> {
  const { project, floor } = of
  const loop = { project }
  const tree = await treeOf(reading, project)
  for (const id of tree.trash) of.trash.add(id)
  const params = { 'projectId[]': project, sort: 'updated', order: 'desc' }
  for await (const page of offsetPages(reading.list(fill(reading.table.path, loop), params))) {
    const changed = page.filter(
      one => changedMs(one) >= floor && !tree.trash.has(String(one['id'])),
    )
    yield reading.page(await reading.rows(changed, loop))
    if (page.every(one => changedMs(one) < floor)) break
  }
  // Of a project that is read whole they came already.
  const before = new Set<string>(floor > 0 ? reading.of.cursor.trash : [])
  for (const id of tree.active.filter(one => before.has(one))) {
    const restored = await reading.get<Json>(`documents/${encodeURIComponent(id)}`)
    yield reading.page(await reading.rows([restored], loop))
  }
  // Changed or not, they are there.
  yield reading.page([], { scopesSame: tree.active })
}

async function treeOf(
  reading: TableReading,
  project: number,
): Promise<{ active: readonly string[]; trash: ReadonlySet<string> }> {
  try {
    const nodes = nodesOfTree(await reading.get('documents/tree', { projectIdOrKey: project }))
    const idsOf = (tree: string) =>
      nodes.filter(one => one['tree'] === tree).map(one => String(one['id']))
    return { active: idsOf('active'), trash: new Set(idsOf('trash')) }
  } catch (error) {
    reading.leaveOut(`the tree of documents of project ${project}`, error)
    return { active: [], trash: new Set() }
  }
}

function changedMs(document: Json): number {
  return Date.parse(String(document['updated'] ?? document['created']))
}
