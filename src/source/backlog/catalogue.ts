/**
 * The tables of a Backlog space: where each is read, how it is paged, its key, its columns, and how
 * changes are found. Data only; `backlog-reader.ts` walks it.
 * Spec: backlog-replication 1.7, 1.8, 1.9.
 */
import type { CatalogueTable } from './catalogue-table.ts'
import { GIT_TABLES } from './git-tables.ts'
import { ISSUE_TABLES } from './issue-tables.ts'
import { PROJECT_TABLES } from './project-tables.ts'
import { SPACE_TABLES } from './space-tables.ts'
import { WIKI_TABLES } from './wiki-tables.ts'

export const CATALOGUE: readonly CatalogueTable[] = [
  ...ISSUE_TABLES,
  ...PROJECT_TABLES,
  ...WIKI_TABLES,
  ...GIT_TABLES,
  ...SPACE_TABLES,
]

export type { CatalogueTable } from './catalogue-table.ts'

export const TABLES: ReadonlyMap<string, CatalogueTable> = new Map(
  CATALOGUE.map(one => [one.name, one]),
)
