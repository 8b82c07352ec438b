/**
 * What `migrate` and `validate` have in common at the end and on the way: dsbulk's exit codes for
 * errors, and progress as one line that changes on a terminal, plain lines elsewhere.
 * Spec: live-migration 3.7, 4.4.
 */
import { isScamanderError } from '../base/scamander-error.ts'
import type { CommandContext } from './command-context.ts'
import { errorText } from './error-text.ts'

export const MIGRATION_EXIT = { fatal: 3, interrupted: 4, crash: 5 } as const

/** Runs the command's work; prints an error and turns it into an exit code. */
export async function withMigrationExit(
  context: CommandContext,
  isDebug: boolean,
  work: () => Promise<number>,
): Promise<number> {
  try {
    return await work()
  } catch (error) {
    context.err(errorText(error, isDebug))
    if (isScamanderError(error, 'cancelled')) return MIGRATION_EXIT.interrupted
    return isScamanderError(error) ? MIGRATION_EXIT.fatal : MIGRATION_EXIT.crash
  }
}

const PLAIN_INTERVAL_MS = 10_000
const BAR_CELLS = 20

export interface ProgressState {
  /** `users (1 of 3)` */
  readonly title: string
  /** 0 to 1 */
  readonly share: number
  readonly rows: number
  readonly rowsPerSecond: number
  readonly leftMs: number | undefined
  readonly isLast: boolean
}

/** Written to standard error, so that results can be piped. */
export class ProgressLine {
  readonly #write: (text: string) => void
  readonly #isTerminal: boolean
  #lastMs = performance.now()
  #isOpen = false

  constructor(write: (text: string) => void, isTerminal: boolean) {
    this.#write = write
    this.#isTerminal = isTerminal
  }

  show(state: ProgressState): void {
    if (this.#isTerminal) {
      this.#write(`\r\u001b[2K${progressText(state)}`)
      this.#isOpen = true
      if (state.isLast) this.clear()
      return
    }
    if (!state.isLast && performance.now() - this.#lastMs < PLAIN_INTERVAL_MS) return
    this.#lastMs = performance.now()
    this.#write(`${progressText(state)}\n`)
  }

  clear(): void {
    if (this.#isOpen) this.#write('\n')
    this.#isOpen = false
  }
}

export function progressText(state: ProgressState): string {
  const { title, share, rows, rowsPerSecond, leftMs } = state
  const filled = Math.round(share * BAR_CELLS)
  const bar = `[${'#'.repeat(filled)}${'.'.repeat(BAR_CELLS - filled)}]`
  const left = leftMs === undefined || share >= 1 ? '' : `, ${durationText(leftMs)} left`
  const rate = grouped(Math.round(rowsPerSecond))
  const percent = (share * 100).toFixed(1)
  return `${title} ${bar} ${percent}% ${grouped(rows)} rows, ${rate}/s${left}`
}

/** 1,234,567 without asking for a locale. */
function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',')
}

export function durationText(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`
}
