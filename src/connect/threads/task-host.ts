/**
 * The main thread's side of one task thread: orders runs, takes what they tell, and ends the thread
 * when it hangs, grows too large or fails.
 * Made and watched by task-pool.ts.
 * Invariants: when the thread has ended, every run in it is told why, and every call is answered;
 * nothing is told of a run after that. Silence counts by ticks of the watch and by processor time, so
 * that a process that was itself asleep or starved blames no task.
 */
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Logger, MetricRegistry, NamedBean } from '../../telemetry/index.ts'
import { MetricInflow, tellExport } from '../../telemetry/index.ts'
import type { OffsetStore } from '../offsets/offset-store.ts'
import { type PlainError, toError, toPlainError } from './plain-error.ts'
import { Pulse } from './pulse.ts'
import { errorOf, type NamedRun, type ThreadEnd } from './thread-end.ts'
import type {
  Answer,
  FromTaskThread,
  OffsetsCall,
  RunNumbers,
  RunOrder,
  ThreadReport,
  ThreadStart,
  ToTaskThread,
} from './thread-messages.ts'
import { askOffsets } from './thread-offsets.ts'

export interface HostParts {
  readonly start: Omit<ThreadStart, 'levels' | 'pulse'>
  readonly logger: Logger
  readonly registry: MetricRegistry
  readonly offsets: OffsetStore
  readonly hangMs: number
  readonly memoryMb: number
  /** The thread ends, with the tasks that may be the cause and the members that it leaves behind. */
  readonly ended: (host: TaskHost, end: ThreadEnd, left: LeftBehind) => void
}

export interface LeftBehind {
  readonly suspects: readonly NamedRun[]
  readonly members: readonly (NamedRun & { readonly memberId: string })[]
}

/** Hears of one run. */
export interface RunListener {
  started(): void
  usesTopic(topic: string): void
  counted(numbers: RunNumbers): void
}

interface HeldRun {
  readonly order: RunOrder
  readonly listener: RunListener
  readonly ended: PromiseWithResolvers<void>
  /** As last told. */
  memberId: string
}

export const WATCH_MS = 250
/** Somebody waits for a task to end: a thread that is silent as long as this is not waited for. */
const CUT_OFF_SILENCE_MS = 1_000
/** A thread that waits for what never comes needs no processor time: it has this much more patience. */
const STARVED_FACTOR = 6
/** Until the thread has loaded its modules. */
const START_TIMEOUT_MS = 60_000
/** Native code cannot be interrupted. */
const TERMINATE_TIMEOUT_MS = 10_000
const SHOWN_TIMEOUT_MS = 1_000
const YOUNG_GENERATION_MB = 48
const BYTES_PER_MB = 1024 * 1024

export class TaskHost {
  readonly #parts: HostParts
  readonly #pulse = new Pulse()
  readonly #inflow: MetricInflow
  readonly #thread: Worker
  readonly #runs = new Map<number, HeldRun>()
  readonly #calls = new Map<number, (answer: FromTaskThread | undefined) => void>()
  readonly #unsubscribe: () => void
  #callCount = 0
  /** Runs that somebody waits for to end. */
  readonly #cutOffs = new Set<number>()
  #isReady = false
  #hasEnded = false
  #ending: Promise<void> | undefined
  #lastBeats = 0
  #silentMs = 0
  /** Processor time that the process got in that silence. */
  #workedMs = 0
  #idleMs = 0

  constructor(parts: HostParts) {
    this.#parts = parts
    this.#inflow = new MetricInflow(parts.registry)
    const { levels } = parts.logger
    const workerData: ThreadStart = {
      ...parts.start,
      levels: levels.settings(),
      pulse: this.#pulse.memory,
    }
    const entry = new URL(`./task-thread${extname(import.meta.url)}`, import.meta.url)
    this.#thread = new Worker(entry, {
      workerData,
      name: 'tasks',
      resourceLimits: {
        maxYoungGenerationSizeMb: YOUNG_GENERATION_MB,
        maxOldGenerationSizeMb: parts.memoryMb,
      },
    })
    this.#thread.on('message', (message: FromTaskThread) => this.#onMessage(message))
    this.#thread.on('error', error => void this.end(endOf(error, parts.memoryMb)))
    this.#thread.on('exit', code => void this.end({ how: 'error', message: `exit code ${code}` }))
    this.#unsubscribe = levels.onSet((name, level) => this.#post({ type: 'level', name, level }))
  }

  get runCount(): number {
    return this.#runs.size
  }

  countOf(connector: string): number {
    return [...this.#runs.values()].filter(({ order }) => order.connector === connector).length
  }

  /** How long nothing has run here. */
  get idleMs(): number {
    return this.#idleMs
  }

  /** Resolves after a stop; rejects when the run failed or its thread ended. */
  begin(order: RunOrder, listener: RunListener): Promise<void> {
    const ended = Promise.withResolvers<void>()
    this.#runs.set(order.run, { order, listener, ended, memberId: '' })
    this.#idleMs = 0
    this.#post({ type: 'run', ...order })
    return ended.promise
  }

  stop(run: number): void {
    this.#post({ type: 'stop', run })
  }

  resume(run: number): void {
    this.#post({ type: 'resume', run })
  }

  async pause(run: number): Promise<void> {
    const answer = await this.#call(call => ({ type: 'pause', run, call }))
    if (answer?.type === 'done' && answer.error !== undefined) throw toError(answer.error)
  }

  /** Nothing more leaves the run; a thread that does not answer is ended for it. */
  async cutOff(run: number): Promise<void> {
    const held = this.#runs.get(run)
    if (held === undefined) return
    this.#cutOffs.add(run)
    await this.#call(call => ({ type: 'cut-off', run, call }))
    this.#cutOffs.delete(run)
    this.#runs.delete(run)
    held.ended.resolve()
  }

  /** Called every `WATCH_MS`, with the processor time that the process got since. */
  watch(workedMs: number): void {
    if (this.#ending !== undefined) return
    this.#idleMs = this.#runs.size === 0 ? this.#idleMs + WATCH_MS : 0
    const { beats } = this.#pulse
    const isSilent = beats === this.#lastBeats
    this.#silentMs = isSilent ? this.#silentMs + WATCH_MS : 0
    this.#workedMs = isSilent ? this.#workedMs + Math.min(workedMs, WATCH_MS) : 0
    this.#lastBeats = beats
    if (!this.#isTooLong) return
    void this.end({ how: 'hangs', silentMs: this.#silentMs })
  }

  /** Brings what was counted; a thread that does not answer soon is left out. */
  async refresh(): Promise<void> {
    await this.#shown(call => ({ type: 'report', call }))
  }

  async readBeans(prefix: string): Promise<readonly NamedBean[]> {
    const answer = await this.#shown(call => ({ type: 'beans', prefix, call }))
    return answer?.type === 'beans' ? answer.beans : []
  }

  /** Sends what waits to be sent of traces; limited in time. */
  async flush(): Promise<void> {
    await this.#shown(call => ({ type: 'flush', call }))
  }

  removeWhere(label: string, value: string): void {
    this.#inflow.removeWhere(label, value)
    this.#post({ type: 'forget', label, value })
  }

  removeOwner(owner: string): void {
    this.#post({ type: 'forget-beans', owner })
  }

  /** Resolves when nothing of it runs any more; the first reason counts. */
  end(end: ThreadEnd): Promise<void> {
    this.#ending ??= this.#end(end)
    return this.#ending
  }

  async #end(end: ThreadEnd): Promise<void> {
    const runs = [...this.#runs.values()]
    const culprit = this.#culpritOf(end, runs)
    const isCutOff = culprit !== undefined && this.#cutOffs.has(culprit.order.run)
    const suspected = isCutOff ? [] : culprit === undefined ? runs : [culprit]
    const suspects = suspected.map(({ order }) => order)
    const members = runs.map(({ order, memberId }) => ({ ...order, memberId }))
    this.#parts.ended(this, end, { suspects, members })
    this.#unsubscribe()
    let timer: NodeJS.Timeout | undefined
    const limit = new Promise<void>(resolve => {
      timer = setTimeout(resolve, TERMINATE_TIMEOUT_MS)
    })
    await Promise.race([this.#thread.terminate(), limit])
    clearTimeout(timer)
    this.#hasEnded = true
    this.#inflow.close()
    for (const answer of this.#calls.values()) answer(undefined)
    this.#calls.clear()
    const all = { culprit: culprit?.order, runs: runs.map(({ order }) => order) }
    for (const { order, ended } of this.#runs.values()) ended.reject(errorOf(end, order, all))
    this.#runs.clear()
  }

  /** Less patience than for a hang is owed to the run that is waited for: its neighbours did nothing. */
  #culpritOf(end: ThreadEnd, runs: readonly HeldRun[]): HeldRun | undefined {
    const isEarly = end.how === 'hangs' && end.silentMs < this.#parts.hangMs
    const waitedFor = runs.find(({ order }) => this.#cutOffs.has(order.run))
    if (isEarly && waitedFor !== undefined) return waitedFor
    // The run whose code executes while buffers are counted need not be the one that has them.
    const isOfAll = end.how === 'memory' && end.what === 'buffers'
    if (isOfAll) return runs.length === 1 ? runs[0] : undefined
    return runs.find(({ order }) => order.run === this.#pulse.run)
  }

  /** On a machine without processor time for this process, a thread is silent that does not hang. */
  get #isTooLong(): boolean {
    const limitMs = this.#patienceMs
    return this.#workedMs >= limitMs || this.#silentMs >= limitMs * STARVED_FACTOR
  }

  get #patienceMs(): number {
    if (!this.#isReady) return START_TIMEOUT_MS
    return this.#cutOffs.size > 0 ? CUT_OFF_SILENCE_MS : this.#parts.hangMs
  }

  #onMessage(message: FromTaskThread): void {
    if (this.#hasEnded) return
    switch (message.type) {
      case 'ready':
        this.#isReady = true
        this.#silentMs = 0
        this.#workedMs = 0
        break
      case 'started':
        this.#runs.get(message.run)?.listener.started()
        break
      case 'topic':
        this.#onTopic(message)
        break
      case 'ended':
        this.#onEnded(message.run, message.error)
        break
      case 'offsets':
        void this.#answerOffsets(message.call, message.of)
        break
      case 'traces':
        tellExport(message.failure)
        break
      case 'log':
        this.#parts.logger.pass(message.line, message.level)
        break
      case 'report':
        this.#onReport(message.report)
        this.#answered(message.call, message)
        break
      default:
        this.#answered(message.call, message)
    }
  }

  #onTopic({ run, topic, memberId }: Extract<FromTaskThread, { type: 'topic' }>): void {
    const held = this.#runs.get(run)
    if (held === undefined) return
    held.memberId = memberId
    held.listener.usesTopic(topic)
  }

  #onEnded(run: number, error: PlainError | undefined): void {
    const held = this.#runs.get(run)
    this.#runs.delete(run)
    if (error === undefined) held?.ended.resolve()
    else held?.ended.reject(toError(error))
  }

  #onReport(report: ThreadReport): void {
    const { logger, memoryMb } = this.#parts
    this.#inflow.apply(report)
    for (const name of report.loggers) logger.levels.know(name)
    for (const numbers of report.runs) {
      const held = this.#runs.get(numbers.run)
      if (held === undefined) continue
      held.memberId = numbers.memberId
      held.listener.counted(numbers)
    }
    if (report.bufferBytes <= memoryMb * BYTES_PER_MB) return
    void this.end({ how: 'memory', what: 'buffers', limitMb: memoryMb })
  }

  async #answerOffsets(call: number, of: OffsetsCall): Promise<void> {
    let answer: Answer
    try {
      answer = { value: await askOffsets(this.#parts.offsets, of) }
    } catch (error) {
      answer = { error: toPlainError(error) }
    }
    this.#post({ type: 'answer', call, answer })
  }

  #answered(call: number | undefined, message: FromTaskThread): void {
    if (call === undefined) return
    this.#calls.get(call)?.(message)
    this.#calls.delete(call)
  }

  /** Undefined: the thread ended first. */
  #call(make: (call: number) => ToTaskThread): Promise<FromTaskThread | undefined> {
    if (this.#hasEnded) return Promise.resolve(undefined)
    const call = ++this.#callCount
    return new Promise(resolve => {
      this.#calls.set(call, resolve)
      this.#post(make(call))
    })
  }

  /** Undefined also when the answer takes too long: what is shown does not wait for a busy thread. */
  async #shown(make: (call: number) => ToTaskThread): Promise<FromTaskThread | undefined> {
    if (!this.#isReady) return undefined
    let timer: NodeJS.Timeout | undefined
    const limit = new Promise<undefined>(resolve => {
      timer = setTimeout(() => resolve(undefined), SHOWN_TIMEOUT_MS)
    })
    const answer = await Promise.race([this.#call(make), limit])
    clearTimeout(timer)
    return answer
  }

  #post(message: ToTaskThread): void {
    if (!this.#hasEnded) this.#thread.postMessage(message)
  }
}

function endOf(error: Error, limitMb: number): ThreadEnd {
  const isMemory = (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY'
  return isMemory
    ? { how: 'memory', what: 'objects', limitMb }
    : { how: 'error', message: error.message }
}
