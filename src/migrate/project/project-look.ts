/**
 * Looks at both clusters, the proxies and the state file of a project, at this moment; what the checks
 * are made of. Also makes the tables on the target, which is the one act of the planning phase.
 * Called by the migration desk. Invariants: sessions are closed before the answer; looking changes
 * nothing on either side.
 * Spec: live-migration 3.6, 5.
 */
import { DatabaseSync } from 'node:sqlite'
import type { MigrationKeyspace, MigrationScan } from '../../api-v1-migrations.ts'
import { messageOf } from '../../base/scamander-error.ts'
import { type CassandraConnectionSettings, ControlSession } from '../../cassandra/index.ts'
import type { Logger } from '../../telemetry/index.ts'
import { copySchema } from '../schema-copy.ts'
import { type ClusterPair, SELECTION_DEFAULTS } from '../settings.ts'
import { listTables } from '../table-list.ts'
import { askProxies, type Check, checksOf, type Findings } from './checks.ts'
import { type ClusterAccess, clusterSettings } from './cluster-access.ts'
import { counted } from './counted.ts'
import type { Project, ProjectCluster } from './project-store.ts'
import { lastRun } from './run-history.ts'
import { type ScannedTables, scanTables } from './table-scan.ts'

export interface LookOptions extends ClusterAccess {
  readonly state: string
  readonly logger: Logger
}

type Clusters = Pick<Project, 'source' | 'target'>
type Selection = Clusters & Pick<Project, 'keyspace' | 'targetKeyspace' | 'tables'>

interface Opened {
  readonly session: ControlSession | undefined
  readonly problem: string
}

export class ProjectLook {
  readonly #options: LookOptions

  constructor(options: LookOptions) {
    this.#options = options
  }

  async checks(
    project: Project,
  ): Promise<{ checks: readonly Check[]; tables: ScannedTables | undefined }> {
    return await this.#withBoth(project, async (source, target) => {
      const { tables, tableProblem } = await scan(project, source, target)
      const db = new DatabaseSync(this.#options.state, { readOnly: true })
      try {
        const findings: Findings = {
          ...{ source: source.session, target: target.session, tables, tableProblem },
          problems: { source: source.problem, target: target.problem },
          proxies: await askProxies(project, this.#options.env['SCAMANDER_PROXY_TOKEN']),
          lastRun: (table, type) => lastRun(db, project, { table, type }),
        }
        return { checks: checksOf(project, findings), tables }
      } finally {
        db.close()
      }
    })
  }

  /** Of a project that is not kept yet. */
  async scan(selection: Selection): Promise<MigrationScan> {
    return await this.#withBoth(selection, async (source, target) => {
      const { tables, tableProblem } = await scan(selection, source, target)
      return {
        ...{ source: sideOf(source), target: sideOf(target), tables: tables?.findings ?? [] },
        problem: tables === undefined ? tableProblem : null,
      }
    })
  }

  /** Those that are not the cluster's own. */
  async keyspaces(cluster: ProjectCluster): Promise<MigrationKeyspace[]> {
    const session = await this.#session(await clusterSettings(this.#options, 'source', cluster))
    try {
      const rows = await session.execute(
        'SELECT keyspace_name, table_name FROM system_schema.tables',
      )
      const found = new Map<string, string[]>()
      for (const row of rows) {
        const keyspace = String(row['keyspace_name'])
        if (keyspace.startsWith('system')) continue
        found.set(keyspace, [...(found.get(keyspace) ?? []), String(row['table_name'])])
      }
      return [...found]
        .map(([keyspace, tables]) => ({ keyspace, tables: tables.sort() }))
        .sort((a, b) => (a.keyspace < b.keyspace ? -1 : 1))
    } finally {
      await session.close()
    }
  }

  /** Names of the tables that the project is about. */
  async tables(project: Project): Promise<readonly string[]> {
    if (project.tables.length > 0) return project.tables
    const session = await this.#session(await this.#settings('source', project))
    try {
      return await tablesOf(project, session)
    } finally {
      await session.close()
    }
  }

  /** Makes keyspace, types and tables on the target, as they are on the source. */
  async makeSchema(project: Project): Promise<readonly string[]> {
    const clusters = await this.clusters(project)
    const source = await this.#session(clusters.source)
    try {
      const target = await this.#session(clusters.target)
      try {
        const names = await tablesOf(project, source)
        const { keyspace, targetKeyspace } = project
        const tables = new Map(names.map(name => [name, name]))
        return await copySchema(source, target, { keyspace, targetKeyspace, tables })
      } finally {
        await target.close()
      }
    } finally {
      await source.close()
    }
  }

  async clusters(project: Clusters): Promise<ClusterPair> {
    return {
      source: await this.#settings('source', project),
      target: await this.#settings('target', project),
    }
  }

  async #settings(side: 'source' | 'target', of: Clusters): Promise<CassandraConnectionSettings> {
    return await clusterSettings(this.#options, side, of[side])
  }

  async #session(settings: CassandraConnectionSettings): Promise<ControlSession> {
    const { logger } = this.#options
    const signal = new AbortController().signal
    return await ControlSession.open(settings, { logger, signal, isStart: true })
  }

  async #withBoth<T>(
    of: Clusters,
    work: (source: Opened, target: Opened) => Promise<T>,
  ): Promise<T> {
    const [source, target] = await Promise.all([this.#open('source', of), this.#open('target', of)])
    try {
      return await work(source, target)
    } finally {
      await Promise.all([source.session?.close(), target.session?.close()])
    }
  }

  async #open(side: 'source' | 'target', of: Clusters): Promise<Opened> {
    try {
      return { session: await this.#session(await this.#settings(side, of)), problem: '' }
    } catch (error) {
      return { session: undefined, problem: messageOf(error) }
    }
  }
}

async function tablesOf(selection: Selection, source: ControlSession): Promise<string[]> {
  const { keyspace, targetKeyspace, tables } = selection
  return await listTables(source, { ...SELECTION_DEFAULTS, keyspace, targetKeyspace, tables })
}

async function scan(
  selection: Selection,
  source: Opened,
  target: Opened,
): Promise<{ tables: ScannedTables | undefined; tableProblem: string }> {
  if (source.session === undefined || target.session === undefined) {
    return { tables: undefined, tableProblem: 'a cluster cannot be reached' }
  }
  try {
    const tables = await scanTables(selection, source.session, target.session)
    return { tables, tableProblem: '' }
  } catch (error) {
    return { tables: undefined, tableProblem: messageOf(error) }
  }
}

function sideOf({ session, problem }: Opened): MigrationScan['source'] {
  if (session === undefined) return { problem, text: '' }
  const { clusterName, releaseVersions, nodes, isTokenAware } = session
  const partitioner = isTokenAware ? 'Murmur3Partitioner' : 'another partitioner'
  const text = `${clusterName}: Cassandra ${releaseVersions.join(', ')}, ${counted(nodes.length, 'node')}, ${partitioner}`
  return { problem: null, text }
}
