/**
 * Which process runs a job, where several servers have one product database: a lease per job in it.
 * Part of the replicator, and of renewals of sign-ins, which lease connections; a store that is shared
 * through a topic is fenced and needs none.
 * Invariants: a lease is taken in one transaction, so that two never have it; it counts until its time is
 * over or its process is gone, whichever comes first; whoever lost one is told and stops.
 * Spec: backlog-replication 2.10.
 */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { messageOf } from '../base/scamander-error.ts'
import type { Logger } from '../telemetry/index.ts'
import type { Store } from './store.ts'

interface Lease {
  /** Of one replicator of one process. */
  readonly owner: string
  readonly host: string
  readonly pid: number
  /** When the process began, as its system tells it: numbers of processes come again. */
  readonly born: string
  readonly untilMs: number
}

const LEASE_MS = 60_000
const RENEW_MS = 15_000

export class JobLeases {
  readonly #store: Store
  readonly #logger: Logger
  readonly #onLost: (jobId: string) => void
  readonly #own = { owner: randomUUID(), host: hostname(), pid: process.pid, born: bornOf('self') }
  readonly #held = new Set<string>()
  #timer: NodeJS.Timeout | undefined

  /** What is leased, as kind of document. @default lease, of a job */
  readonly #kind: string

  constructor(of: {
    store: Store
    logger: Logger
    onLost: (jobId: string) => void
    kind?: string
  }) {
    this.#kind = of.kind ?? 'lease'
    this.#store = of.store
    this.#logger = of.logger
    this.#onLost = of.onLost
  }

  /** False: another process runs the job. */
  take(jobId: string, nowMs = Date.now()): boolean {
    if (this.#store.isShared) return true
    const isTaken = this.#store.transaction(() => {
      if (this.heldElsewhere(jobId, nowMs) !== undefined) return false
      this.#put(jobId, nowMs)
      return true
    })
    if (!isTaken) return false
    this.#held.add(jobId)
    this.#timer ??= setInterval(() => this.renew(), RENEW_MS).unref()
    return true
  }

  release(jobId: string): void {
    if (!this.#held.delete(jobId)) return
    if (this.#store.get<Lease>(this.#kind, jobId)?.owner === this.#own.owner)
      this.#store.delete(this.#kind, jobId)
    if (this.#held.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  renew(nowMs = Date.now()): void {
    for (const jobId of this.#held) {
      try {
        const isOwn = this.#store.transaction(() => {
          if (this.#store.get<Lease>(this.#kind, jobId)?.owner !== this.#own.owner) return false
          this.#put(jobId, nowMs)
          return true
        })
        if (isOwn) continue
        this.#held.delete(jobId)
        this.#onLost(jobId)
      } catch (error) {
        this.#logger.warnLimited('lease', `a lease was not renewed: ${messageOf(error)}`)
      }
    }
  }

  /** Who has it, "process 12 of host-1"; undefined: nobody else. */
  heldElsewhere(jobId: string, nowMs = Date.now()): string | undefined {
    const lease = this.#store.get<Lease>(this.#kind, jobId)
    if (lease === undefined || lease.owner === this.#own.owner) return undefined
    if (lease.untilMs <= nowMs || isGone(lease, this.#own.host)) return undefined
    return `process ${lease.pid} of ${lease.host}`
  }

  #put(jobId: string, nowMs: number): void {
    const lease: Lease = { ...this.#own, untilMs: nowMs + LEASE_MS }
    this.#store.put(this.#kind, jobId, lease)
  }
}

/** Only of this machine can be told whether a process is still there. */
function isGone({ host, pid, born }: Lease, here: string): boolean {
  if (host !== here) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return true
  }
  const now = bornOf(pid)
  return now !== '' && born !== '' && now !== born
}

/** Of Linux; empty elsewhere. */
function bornOf(pid: number | 'self'): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name of the process may hold spaces and brackets.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}
