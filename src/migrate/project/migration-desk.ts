/**
 * Migration projects for the command and the API: planned once, looked at as often as one likes, and
 * moved on when every check of the phase is passed or accepted by name.
 * Owns the part of the state file that holds projects. Passwords come from the environment, as for
 * `scamander migrate`; none is stored.
 * Invariants: a phase ends only by `advance`; who did it, when, and what was accepted is in the history.
 * Spec: live-migration 5.
 */
import { readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { MigrationCheck, MigrationInfo } from '../../api-v1-migrations.ts'
import { messageOf, ScamanderError } from '../../base/scamander-error.ts'
import {
  type CassandraConnectionSettings,
  CONNECTION_DEFAULTS,
  ControlSession,
  detectLocalDc,
} from '../../cassandra/index.ts'
import type { Logger } from '../../telemetry/index.ts'
import { MIGRATE_ERRORS } from '../errors.ts'
import { RunStore } from '../run-store.ts'
import { askProxies, type Check, checksOf, type Findings } from './checks.ts'
import { PHASE_DONE, PHASES } from './phase.ts'
import { type Project, type ProjectCluster, ProjectStore } from './project-store.ts'
import { lastRun } from './run-history.ts'
import { type ScannedTables, scanTables } from './table-scan.ts'

export type ProjectDraft = Pick<
  Project,
  'name' | 'source' | 'target' | 'keyspace' | 'targetKeyspace' | 'tables' | 'proxies'
>

export interface DeskOptions {
  /** The state file of the commands. */
  readonly state: string
  readonly logger: Logger
  /** Of `SCAMANDER_SOURCE_PASSWORD` and so on. */
  readonly env: Readonly<Record<string, string | undefined>>
}

const NAME = /^[A-Za-z0-9][\w.-]{0,99}$/

export class MigrationDesk {
  readonly #options: DeskOptions
  readonly #store: ProjectStore
  readonly #runs: RunStore

  constructor(options: DeskOptions) {
    this.#options = options
    this.#store = new ProjectStore(options.state)
    this.#runs = new RunStore(options.state)
  }

  list(): readonly Project[] {
    return this.#store.list()
  }

  /** Makes the project, or replaces the plan of one that is still being planned. */
  async plan(draft: ProjectDraft, by: string): Promise<MigrationInfo> {
    if (!NAME.test(draft.name)) refuse(`expected a name of letters, digits, ".", "_" and "-"`)
    const known = this.#store.find(draft.name)
    if (known !== undefined && known.phase > 0) {
      refuse(`${draft.name} is in phase ${known.phase}, ${PHASES[known.phase]!.title}`)
    }
    const at = new Date().toISOString()
    const history = [...(known?.history ?? []), { at, by, text: 'planned' }]
    this.#store.save({ ...draft, phase: 0, since: at, dualSince: null, accepted: [], history })
    return await this.status(draft.name)
  }

  async status(name: string): Promise<MigrationInfo> {
    const project = this.#find(name)
    return toInfo(project, await this.#look(project))
  }

  /** To the next phase; throws when a check failed that is not accepted. */
  async advance(
    name: string,
    { accept, by }: { readonly accept: readonly string[]; readonly by: string },
  ): Promise<MigrationInfo> {
    const before = this.#find(name)
    if (before.phase >= PHASE_DONE) refuse(`${name} is done`)
    const accepted = [...new Set([...before.accepted, ...accept])]
    const project = { ...before, accepted }
    const { checks } = await this.#look(project)
    const unknown = accept.filter(key => !checks.some(check => check.key === key))
    if (unknown.length > 0) refuse(`there is no check ${unknown.join(', ')} in this phase`)
    const failed = checks.filter(check => check.state === 'failed')
    if (failed.length > 0) {
      if (accept.length > 0) this.#store.save(this.#noted(project, by, acceptText(accept)))
      refuse(`not yet: ${failed.map(one => `${one.key} (${one.text})`).join('; ')}`)
    }
    const taken = checks.filter(one => one.state === 'accepted').map(one => one.key)
    const text = `${PHASES[before.phase]!.title} ended${taken.length > 0 ? `; ${acceptText(taken)}` : ''}`
    const at = new Date().toISOString()
    this.#store.save({
      ...this.#noted(before, by, text),
      ...{ phase: before.phase + 1, since: at, accepted: [] },
      dualSince: before.phase === 1 ? at : before.dualSince,
    })
    return await this.status(name)
  }

  /** To the phase before; what was done on the clusters is undone by people, as the phase tells. */
  async back(name: string, by: string): Promise<MigrationInfo> {
    const project = this.#find(name)
    if (project.phase === 0 || project.phase >= PHASE_DONE) {
      refuse(`there is no way back from ${PHASES[project.phase]!.title}`)
    }
    const phase = project.phase - 1
    const at = new Date().toISOString()
    this.#store.save({
      ...this.#noted(project, by, `back from ${PHASES[project.phase]!.title}`),
      ...{ phase, since: at, accepted: [] },
      dualSince: phase <= 1 ? null : project.dualSince,
    })
    return await this.status(name)
  }

  close(): void {
    this.#store.close()
    this.#runs.close()
  }

  #find(name: string): Project {
    const project = this.#store.find(name)
    if (project !== undefined) return project
    const known = this.#store.list().map(one => one.name)
    const message = `there is no migration ${name}; known: ${known.join(', ') || 'none'}`
    throw new ScamanderError(MIGRATE_ERRORS.PROJECT_UNKNOWN, message)
  }

  #noted(project: Project, by: string, text: string): Project {
    const event = { at: new Date().toISOString(), by, text }
    return { ...project, history: [...project.history, event] }
  }

  async #look(
    project: Project,
  ): Promise<{ checks: readonly Check[]; tables: ScannedTables | undefined }> {
    const [source, target] = await Promise.all([
      this.#open('source', project.source),
      this.#open('target', project.target),
    ])
    const db = new DatabaseSync(this.#options.state, { readOnly: true })
    try {
      let tables: ScannedTables | undefined
      let tableProblem = 'a cluster cannot be reached'
      if (source.session !== undefined && target.session !== undefined) {
        try {
          tables = await scanTables(project, source.session, target.session)
        } catch (error) {
          tableProblem = messageOf(error)
        }
      }
      const findings: Findings = {
        ...{ source: source.session, target: target.session, tables, tableProblem },
        problems: { source: source.problem, target: target.problem },
        proxies: await askProxies(project, this.#options.env['SCAMANDER_PROXY_TOKEN']),
        lastRun: (table, type) => lastRun(db, project, { table, type }),
      }
      return { checks: checksOf(project, findings), tables }
    } finally {
      db.close()
      await Promise.all([source.session?.close(), target.session?.close()])
    }
  }

  async #open(
    side: 'source' | 'target',
    cluster: ProjectCluster,
  ): Promise<{ session: ControlSession | undefined; problem: string }> {
    const { logger } = this.#options
    try {
      const settings = await this.#connection(side, cluster)
      const signal = new AbortController().signal
      const session = await ControlSession.open(settings, { logger, signal, isStart: true })
      return { session, problem: '' }
    } catch (error) {
      return { session: undefined, problem: messageOf(error) }
    }
  }

  async #connection(
    side: 'source' | 'target',
    cluster: ProjectCluster,
  ): Promise<CassandraConnectionSettings> {
    const { contactPoints, username, localDc, tls, ca, cert, key } = cluster
    const password = this.#options.env[`SCAMANDER_${side.toUpperCase()}_PASSWORD`] ?? ''
    const pem = (path: string) => readFileSync(path, 'utf8')
    const settings: CassandraConnectionSettings = {
      ...CONNECTION_DEFAULTS,
      contactPoints: contactPoints.map(toPoint),
      ...(username === '' ? {} : { credentials: { username, password } }),
      ...(tls && {
        tls: {
          ...(ca === '' ? {} : { ca: [pem(ca)] }),
          ...(cert === '' || key === '' ? {} : { cert: pem(cert), key: pem(key) }),
          hostnameValidation: false,
        },
      }),
      localDc,
    }
    return localDc === '' ? { ...settings, localDc: await detectLocalDc(settings) } : settings
  }
}

function toInfo(
  project: Project,
  {
    checks,
    tables,
  }: { readonly checks: readonly Check[]; readonly tables: ScannedTables | undefined },
): MigrationInfo {
  const { name, phase, since, dualSince, keyspace, targetKeyspace, proxies, history } = project
  return {
    ...{ name, keyspace, targetKeyspace, proxies, since, dualSince },
    source: [...project.source.contactPoints],
    target: [...project.target.contactPoints],
    phase: { number: phase, ...PHASES[phase]! },
    checks: checks.map((check): MigrationCheck => check),
    tables: tables?.findings ?? [],
    history,
  }
}

function acceptText(keys: readonly string[]): string {
  return `accepted: ${keys.join(', ')}`
}

/** `host:port`, as stored. */
function toPoint(text: string): { host: string; port: number } {
  const at = text.lastIndexOf(':')
  return { host: text.slice(0, at), port: Number(text.slice(at + 1)) }
}

function refuse(message: string): never {
  throw new ScamanderError(MIGRATE_ERRORS.PROJECT_STATE, message)
}
