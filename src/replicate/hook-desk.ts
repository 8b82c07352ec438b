/**
 * Events of jobs: what is done before a run, after it and after each task: tell a webhook, run a CQL
 * statement on the destination, run another job. Part of the replicator.
 * Invariants: hooks of one run come one after the other; one that fails is told in the log of the run and
 * never loses rows; a job is not started by its own chain.
 * Spec: backlog-replication 2.15.
 */
import { randomUUID } from 'node:crypto'
import type { RunInfo, RunLink, TaskRun } from '../api-v1.ts'
import type { HookDraft, HookInfo } from '../api-v1-alerts.ts'
import { messageOf, ScamanderError } from '../base/scamander-error.ts'
import type { Logger } from '../telemetry/index.ts'
import { REPLICATE_ERRORS } from './errors.ts'
import type { JobRecord } from './job-record.ts'
import { linkOf, type RunChains } from './run-cause.ts'
import type { Store } from './store.ts'
import { fieldError } from './task-target.ts'

export interface HookHost {
  readonly store: Store
  readonly logger: Logger
  /** Runs one statement on the destination of a job. */
  readonly execute: (job: JobRecord, cql: string) => Promise<void>
  readonly tellChannel: (
    id: string,
    message: { event: string; text: string; facts: Record<string, unknown> },
    signal: AbortSignal,
  ) => Promise<string>
  /** After each hook, with the id of the run. */
  readonly onCalled: (runId: string) => void
  readonly chains: RunChains
  /** The id of the run. */
  readonly startRun: (jobId: string, after: RunLink) => string
}

type HookRecord = Omit<HookInfo, 'last'>

const HOOKS_MAX = 20
const CQL_CHARS_MAX = 10_000
const REMEMBERED_MAX = 1_000
/** A receiver that is slower holds up no end of the server. */
const CLOSING_MS = 3_000

const CHOICES = {
  when: ['before_run', 'after_run', 'after_task'],
  on: ['always', 'success', 'problem'],
  kind: ['webhook', 'cql', 'job'],
  onFailure: ['continue', 'stop'],
} as const

export class HookDesk {
  readonly #host: HookHost
  /** Tasks of runs under way whose hooks were called. */
  readonly #seen = new Map<string, Set<string>>()
  #isClosed = false
  readonly #closing = new AbortController()
  /** The last hook of each run. */
  readonly #tails = new Map<string, Promise<void>>()

  constructor(host: HookHost) {
    this.#host = host
  }

  /** No job is started any more; the other events of runs that end are called. */
  stop(): void {
    this.#isClosed = true
  }

  async close(): Promise<void> {
    this.stop()
    const stopped = new ScamanderError(REPLICATE_ERRORS.STOPPED, 'the server ends')
    const late = setTimeout(() => this.#closing.abort(stopped), CLOSING_MS)
    await Promise.allSettled(this.#tails.values())
    clearTimeout(late)
  }

  list(jobId: string): HookInfo[] {
    return this.#records(jobId).map(one => ({
      ...one,
      last: this.#host.store.get<NonNullable<HookInfo['last']>>('hook-last', one.id) ?? null,
    }))
  }

  put(jobId: string, drafts: readonly HookDraft[]): HookInfo[] {
    if (!Array.isArray(drafts) || drafts.length > HOOKS_MAX)
      throw fieldError('items', `items: expected at most ${HOOKS_MAX} events`)
    const records = drafts.map((one, index) => this.#checked(one, { index, jobId }))
    const kept = new Set(records.map(one => one.id))
    for (const { id } of this.#records(jobId))
      if (!kept.has(id)) this.#host.store.delete('hook-last', id)
    this.#host.store.put('hooks', jobId, records)
    return this.list(jobId)
  }

  /** The job is gone. */
  forgetJob(jobId: string): void {
    const { store } = this.#host
    for (const { id } of this.#records(jobId)) store.delete('hook-last', id)
    store.delete('hooks', jobId)
  }

  /** Throws when a hook fails that must not, and once the signal says that the run was stopped. */
  async before(run: RunInfo, job: JobRecord, signal: AbortSignal): Promise<void> {
    for (const hook of this.#records(job.id)) {
      if (!hook.enabled || hook.when !== 'before_run') continue
      const error = await this.#call(hook, { run, job, task: undefined, signal })
      signal.throwIfAborted()
      if (error === undefined || hook.onFailure === 'continue') continue
      const message = `an event before the run failed: ${error}`
      throw new ScamanderError(REPLICATE_ERRORS.HOOK, message)
    }
  }

  /** Called with every state of every run. */
  onRun(run: RunInfo): void {
    const job = this.#host.store.get<JobRecord>('job', run.jobId)
    const hooks = this.#records(run.jobId).filter(one => one.enabled && one.when !== 'before_run')
    if (job === undefined || hooks.length === 0 || run.state === 'SKIPPED') return
    const seen = this.#seen.get(run.id) ?? new Set()
    this.#seen.set(run.id, seen)
    forget(this.#seen)
    for (const task of run.tasks.filter(isEnded)) {
      if (seen.has(task.taskId)) continue
      seen.add(task.taskId)
      const state = task.state
      for (const hook of hooks.filter(one => one.when === 'after_task' && suits(one, state)))
        this.#later(hook, { run, job, task, signal: this.#closing.signal })
    }
    if (run.finishedAt === null || seen.has('')) return
    seen.add('')
    for (const hook of hooks.filter(one => one.when === 'after_run' && suits(one, run.state)))
      this.#later(hook, { run, job, task: undefined, signal: this.#closing.signal })
  }

  #later(hook: HookRecord, of: HookCall): void {
    const { id } = of.run
    const { logger } = this.#host
    const next = (this.#tails.get(id) ?? Promise.resolve())
      .then(async () => void (await this.#call(hook, of)))
      .catch(error => logger.error(`an event cannot be kept: ${messageOf(error)}`, error))
      .finally(() => {
        if (this.#tails.get(id) === next) this.#tails.delete(id)
      })
    this.#tails.set(id, next)
  }

  /** What went wrong, or undefined. */
  async #call(hook: HookRecord, of: HookCall): Promise<string | undefined> {
    const { store } = this.#host
    const name = `event ${hook.when.replace('_', ' ')}, ${hook.kind}`
    const told = (ok: boolean, text: string) => {
      store.put('hook-last', hook.id, { time: new Date().toISOString(), ok, text })
      const line = { level: ok ? 'info' : 'error', task: of.task?.table ?? null }
      store.log(of.run.id, { ...line, text: `${name}: ${text}` })
      this.#host.onCalled(of.run.id)
    }
    try {
      told(true, await this.#act(hook, of))
      return undefined
    } catch (error) {
      told(false, messageOf(error))
      return messageOf(error)
    }
  }

  async #act({ kind, target, when }: HookRecord, of: HookCall): Promise<string> {
    const { run, job, task, signal } = of
    // Whoever lost the work to another process does nothing: the other one does.
    await this.#host.store.settled()
    if (kind === 'cql') {
      await this.#host.execute(job, target)
      return 'the statement ran'
    }
    if (kind === 'webhook') {
      const state = (task ?? run).state.toLowerCase()
      const text = when === 'before_run' ? `${job.name} starts` : `${job.name}: ${state}`
      const facts = { job: job.name, source: job.source, destination: job.destination, run }
      const [previous] = this.#host.store.runs<RunInfo>({
        ...{ jobId: job.id, beforeMs: Date.parse(run.startedAt), limit: 1 },
      })
      const more = { task: task ?? null, previousState: previous?.state ?? null }
      const message = { event: when, text, facts: { ...facts, ...more } }
      return await this.#host.tellChannel(target, message, signal)
    }
    const { chains, startRun } = this.#host
    const started = chains.follow(linkOf(run), target, after => {
      if (this.#isClosed) throw new ScamanderError(REPLICATE_ERRORS.STOPPED, 'the server ends')
      return startRun(target, after)
    })
    return `run ${started} of the other job was started`
  }

  /** Jobs that events of a job start. */
  jobsStartedBy(jobId: string): string[] {
    return this.#records(jobId).flatMap(one =>
      one.enabled && one.kind === 'job' ? [one.target] : [],
    )
  }

  #records(jobId: string): readonly HookRecord[] {
    return this.#host.store.get<HookRecord[]>('hooks', jobId) ?? []
  }

  #checked(draft: HookDraft, of: { readonly index: number; readonly jobId: string }): HookRecord {
    const { store } = this.#host
    const at = (key: string) => `items.${of.index}.${key}`
    for (const [key, values] of Object.entries(CHOICES)) {
      const value = draft[key as keyof typeof CHOICES]
      if (!(values as readonly string[]).includes(value))
        throw fieldError(at(key), `${key}: expected one of ${values.join(', ')}`)
    }
    const target = String(draft.target ?? '').trim()
    if (draft.kind === 'cql' && (target === '' || target.length > CQL_CHARS_MAX))
      throw fieldError(
        at('target'),
        `expected one CQL statement of at most ${CQL_CHARS_MAX} characters`,
      )
    const known = this.#records(of.jobId).find(one => one.id === draft.id)
    // What it names may be gone since: that stops no change of the other events.
    const isKept = known?.kind === draft.kind && known.target === target
    if (!isKept && draft.kind === 'webhook' && store.get('alert-channel', target) === undefined)
      throw fieldError(at('target'), 'expected a channel; add one on the tab Alerts')
    const isOther = target !== of.jobId && store.get('job', target) !== undefined
    if (!isKept && draft.kind === 'job' && !isOther)
      throw fieldError(at('target'), 'expected another job')
    const { when, on, kind, onFailure } = draft
    const id = known?.id ?? randomUUID()
    return { id, when, on, kind, target, onFailure, enabled: draft.enabled !== false }
  }
}

interface HookCall {
  readonly run: RunInfo
  readonly job: JobRecord
  readonly task: TaskRun | undefined
  /** Nobody waits for it any longer. */
  readonly signal: AbortSignal
}

function isEnded({ state }: TaskRun): boolean {
  return !['QUEUED', 'RUNNING', 'WAITING_RATE_LIMIT'].includes(state)
}

function suits({ on }: HookRecord, state: string): boolean {
  const isGood = state === 'SUCCESS'
  return on === 'always' || isGood === (on === 'success')
}

function forget(known: Map<string, unknown>): void {
  const [oldest] = known.keys()
  if (known.size > REMEMBERED_MAX && oldest !== undefined) known.delete(oldest)
}
