/**
 * Migration projects for the command and the API: planned once, looked at as often as one likes, and
 * moved on when every check of the phase is passed or accepted by name.
 * Owns the part of the state file that holds projects, the acts that a server does for them, and the
 * watch over their proxies. No password is stored.
 * Invariants: a phase ends only by `advance`; who did it, when, and what was accepted is in the history.
 * Spec: live-migration 5.
 */
import type {
  MigrationActDraft,
  MigrationInfo,
  MigrationKeyspace,
  MigrationProxies,
  MigrationProxyChange,
  MigrationScan,
  MigrationSummary,
} from '../../api-v1-migrations.ts'
import { ScamanderError } from '../../base/scamander-error.ts'
import type { Logger } from '../../telemetry/index.ts'
import { MIGRATE_ERRORS } from '../errors.ts'
import { RunStore } from '../run-store.ts'
import { ActDesk } from './act-desk.ts'
import type { Check } from './checks.ts'
import { type ClusterAccess, clusterOfConnection } from './cluster-access.ts'
import { counted } from './counted.ts'
import { PHASE_DONE, PHASES } from './phase.ts'
import { ProjectLook } from './project-look.ts'
import { type Project, type ProjectCluster, ProjectStore } from './project-store.ts'
import { changeProxy } from './proxy-state.ts'
import { ProxyWatch } from './proxy-watch.ts'
import type { ScannedTables } from './table-scan.ts'

export type ProjectDraft = Pick<
  Project,
  'name' | 'source' | 'target' | 'keyspace' | 'targetKeyspace' | 'tables' | 'proxies'
>

export interface DeskOptions extends ClusterAccess {
  /** The state file of the commands. */
  readonly state: string
  readonly logger: Logger
}

const NAME = /^[A-Za-z0-9][\w.-]{0,99}$/
const REASON_MAX = 500

export class MigrationDesk {
  readonly #options: DeskOptions
  readonly #store: ProjectStore
  readonly #runs: RunStore
  readonly #look: ProjectLook
  readonly #watch: ProxyWatch
  /** Copies, validations and repairs of this process. */
  readonly acts: ActDesk

  constructor(options: DeskOptions) {
    const { state, logger, env } = options
    this.#options = options
    this.#store = new ProjectStore(state)
    this.#runs = new RunStore(state)
    this.#look = new ProjectLook(options)
    this.#watch = new ProxyWatch(env['SCAMANDER_PROXY_TOKEN'])
    this.acts = new ActDesk({
      ...{ state, logger },
      openClusters: project => this.#look.clusters(project),
      projectOf: name => this.project(name),
      listTables: project => this.#look.tables(project),
    })
  }

  /** Proxies are asked with it. */
  get hasProxyToken(): boolean {
    return (this.#options.env['SCAMANDER_PROXY_TOKEN'] ?? '') !== ''
  }

  list(): readonly MigrationSummary[] {
    return this.#store.list().map(one => ({
      ...{ name: one.name, phase: one.phase, title: PHASES[one.phase]!.title, since: one.since },
      keyspace: one.keyspace,
      source: [...one.source.contactPoints],
      target: [...one.target.contactPoints],
      working: this.acts.working(one.name),
    }))
  }

  /** Throws when there is none of that name. */
  project(name: string): Project {
    const project = this.#store.find(name)
    if (project !== undefined) return project
    const known = this.#store.list().map(one => one.name)
    const message = `there is no migration ${name}; known: ${known.join(', ') || 'none'}`
    throw new ScamanderError(MIGRATE_ERRORS.PROJECT_UNKNOWN, message)
  }

  /** A cluster as a project keeps it. */
  clusterOf(connection: string): ProjectCluster {
    return clusterOfConnection(this.#options, connection)
  }

  /** Looks at what would be migrated; keeps nothing. */
  async scan(draft: Omit<ProjectDraft, 'name' | 'proxies'>): Promise<MigrationScan> {
    return await this.#look.scan(draft)
  }

  async keyspaces(cluster: ProjectCluster): Promise<MigrationKeyspace[]> {
    return await this.#look.keyspaces(cluster)
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
    const project = this.project(name)
    return toInfo(project, await this.#look.checks(project))
  }

  /** Makes the tables on the target, while the migration is being planned. */
  async makeSchema(name: string, by: string): Promise<MigrationInfo> {
    const project = this.project(name)
    if (project.phase > 1) refuse(`${name} is in phase ${project.phase}: tables are made before`)
    this.#requireWritable(project)
    const statements = await this.#look.makeSchema(project)
    this.#store.save(
      noted(project, by, `made the tables: ${counted(statements.length, 'statement')}`),
    )
    return await this.status(name)
  }

  /** Keeps that somebody takes a check of this phase upon himself, and why. */
  async accept(
    name: string,
    key: string,
    { by, reason }: { readonly by: string; readonly reason: string },
  ): Promise<MigrationInfo> {
    const project = this.project(name)
    const text = reason.trim().slice(0, REASON_MAX)
    if (text === '') refuse(`expected a reason why ${key} is accepted`)
    const { checks } = await this.#look.checks(project)
    requireAcceptable(checks, [key])
    const at = new Date().toISOString()
    const now = this.#unmoved(project)
    this.#store.save({
      ...noted(now, by, `accepted: ${key} (${text})`),
      accepted: [...new Set([...now.accepted, key])],
      acceptances: { ...now.acceptances, [key]: { by, at, reason: text } },
    })
    return await this.status(name)
  }

  /** To the next phase; throws when a check failed that is not accepted. */
  async advance(
    name: string,
    { accept, by }: { readonly accept: readonly string[]; readonly by: string },
  ): Promise<MigrationInfo> {
    const before = this.project(name)
    if (before.phase >= PHASE_DONE) refuse(`${name} is done`)
    this.#requireIdle(name)
    const accepted = [...new Set([...before.accepted, ...accept])]
    const project = { ...before, accepted }
    const { checks } = await this.#look.checks(project)
    requireAcceptable(checks, accept)
    const failed = checks.filter(check => check.state === 'failed')
    const now = this.#unmoved(before)
    if (failed.length > 0) {
      if (accept.length > 0) {
        const kept = [...new Set([...now.accepted, ...accept])]
        this.#store.save({ ...noted(now, by, acceptText(accept)), accepted: kept })
      }
      refuse(`not yet: ${failed.map(one => `${one.key} (${one.text})`).join('; ')}`)
    }
    const taken = checks.filter(one => one.state === 'accepted').map(one => one.key)
    const text = `${PHASES[before.phase]!.title} ended${taken.length > 0 ? `; ${acceptText(taken)}` : ''}`
    const at = new Date().toISOString()
    this.#requireIdle(name)
    this.#store.save({
      ...noted(now, by, text),
      ...{ phase: before.phase + 1, since: at, accepted: [], acceptances: {} },
      dualSince: before.phase === 1 ? at : before.dualSince,
    })
    return await this.status(name)
  }

  /** To the phase before; what was done on the clusters is undone by people, as the phase tells. */
  async back(name: string, by: string): Promise<MigrationInfo> {
    const project = this.project(name)
    if (project.phase === 0 || project.phase >= PHASE_DONE) {
      refuse(`there is no way back from ${PHASES[project.phase]!.title}`)
    }
    this.#requireIdle(name)
    const phase = project.phase - 1
    const at = new Date().toISOString()
    this.#store.save({
      ...noted(project, by, `back from ${PHASES[project.phase]!.title}`),
      ...{ phase, since: at, accepted: [], acceptances: {} },
      dualSince: phase <= 1 ? null : project.dualSince,
    })
    return await this.status(name)
  }

  async startAct(name: string, draft: MigrationActDraft, by: string) {
    if (draft.kind !== 'validate') this.#requireWritable(this.project(name))
    const act = await this.acts.start(this.project(name), draft, by)
    this.#store.save(noted(this.project(name), by, `started a ${act.kind}`))
    return act
  }

  async proxies(name: string): Promise<MigrationProxies> {
    return await this.#watch.view(this.project(name))
  }

  /** Names the proxies anew: more are started, or one is replaced. */
  async setProxies(name: string, proxies: readonly string[], by: string): Promise<MigrationInfo> {
    const project = this.project(name)
    if (project.phase >= PHASE_DONE) refuse(`${name} is done`)
    const text = `proxies: ${proxies.join(', ') || 'none'}`
    this.#store.save({ ...noted(project, by, text), proxies })
    this.#watch.forget(name)
    return await this.status(name)
  }

  /** One proxy at a time; reads of the target only in phase 4, rehearsed reads only in phase 3. */
  async changeProxy(
    name: string,
    { url, primary, readMode }: MigrationProxyChange,
    by: string,
  ): Promise<MigrationProxies> {
    const project = this.project(name)
    if (!project.proxies.includes(url)) refuse(`${url}: not a proxy of ${name}`)
    if (primary === 'target' && project.phase !== 4) refuse('reads are switched in phase 4')
    if (readMode !== undefined && readMode !== 'primary' && project.phase !== 3) {
      refuse('reads are rehearsed in phase 3')
    }
    await changeProxy(url, this.#options.env['SCAMANDER_PROXY_TOKEN'], { primary, readMode })
    const what = primary === undefined ? `read mode ${readMode}` : `reads from the ${primary}`
    this.#store.save(noted(this.project(name), by, `${url}: ${what}`))
    return await this.#watch.refresh(project)
  }

  /** Returns when no copy or validation of this process runs any more. */
  async close(): Promise<void> {
    this.#watch.close()
    await this.acts.close()
    this.#store.close()
    this.#runs.close()
  }

  /** As it is after a while of asking: nobody may have moved it on or back meanwhile. */
  #unmoved({ name, phase, since }: Project): Project {
    const now = this.project(name)
    if (now.phase !== phase || now.since !== since) {
      refuse(`${name} was moved to phase ${now.phase} meanwhile`)
    }
    return now
  }

  /** The target's connection. */
  #requireWritable({ target: { connection } }: Project): void {
    if (connection === undefined || this.#options.isReadOnly?.(connection) !== true) return
    refuse('the connection of the target is read-only: change it, or choose another')
  }

  #requireIdle(name: string): void {
    const kind = this.acts.working(name)
    if (kind !== null) refuse(`a ${kind} of ${name} is under way: stop it, or wait`)
  }
}

function noted(project: Project, by: string, text: string): Project {
  const event = { at: new Date().toISOString(), by, text }
  return { ...project, history: [...project.history, event] }
}

function requireAcceptable(checks: readonly Check[], keys: readonly string[]): void {
  const unknown = keys.filter(key => !checks.some(check => check.key === key))
  if (unknown.length > 0) refuse(`there is no check ${unknown.join(', ')} in this phase`)
  const sure = checks.filter(one => keys.includes(one.key) && !one.acceptable)
  if (sure.length > 0) {
    refuse(`${sure.map(one => one.key).join(', ')}: seen for sure, it cannot be accepted`)
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
    tls: { source: project.source.tls, target: project.target.tls },
    phase: { number: phase, ...PHASES[phase]! },
    phases: PHASES.map((one, number) => ({ number, ...one })),
    checkedAt: new Date().toISOString(),
    checks,
    tables: tables?.findings ?? [],
    history,
  }
}

function acceptText(keys: readonly string[]): string {
  return `accepted: ${keys.join(', ')}`
}

function refuse(message: string): never {
  throw new ScamanderError(MIGRATE_ERRORS.PROJECT_STATE, message)
}
