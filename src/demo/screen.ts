/**
 * The demo's output: lines that stay, and below them a block that is redrawn in place. Where the
 * output is no terminal there is no block: one plain line every few seconds instead.
 * Used by everything in the room that prints. Invariant: lines never overwrite each other; after
 * `release` the block stays as it was drawn last.
 */

export interface ScreenOutput {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

const LINE_INTERVAL_MS = 5_000

export class Screen {
  readonly #output: ScreenOutput
  #block: readonly string[] = []
  #shownLines = 0
  #lastLineMs = Number.NEGATIVE_INFINITY

  constructor(output: ScreenOutput) {
    this.#output = output
  }

  get isTerminal(): boolean {
    return this.#output.isTTY === true
  }

  /** A line that stays, above the block. */
  line(text: string): void {
    this.#output.write(`${this.#eraseText()}${text}\n`)
    this.#draw()
  }

  /** A step of the start, with the time since the command was given. */
  step(text: string): void {
    this.line(`${(performance.now() / 1000).toFixed(1).padStart(6)} s  ${text}`)
  }

  /** Refreshes the block, or prints the line when it is time for one. */
  show(block: () => readonly string[], line: () => string): void {
    if (this.isTerminal) {
      this.#output.write(this.#eraseText())
      this.#block = block()
      this.#draw()
      return
    }
    const nowMs = performance.now()
    if (nowMs - this.#lastLineMs < LINE_INTERVAL_MS) return
    this.#lastLineMs = nowMs
    this.#output.write(`${line()}\n`)
  }

  /** The block becomes ordinary lines; later output goes below it. */
  release(): void {
    this.#block = []
    this.#shownLines = 0
  }

  #eraseText(): string {
    const { length } = this.#block
    if (length === 0 || this.#shownLines === 0) return ''
    return `\x1b[${this.#shownLines}F\x1b[J`
  }

  #draw(): void {
    const columns = this.#output.columns ?? 80
    this.#shownLines = this.#block.length
    // A line that wraps would take two: the next refresh would then erase too little.
    for (const line of this.#block) this.#output.write(`${line.slice(0, columns - 1)}\n`)
  }
}
