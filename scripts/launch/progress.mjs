/**
 * Progress lines of the launcher and the test runner: one line per step with the elapsed seconds.
 * Writes to standard error, so that a command's own output stays clean.
 * Plain JavaScript without dependencies: it runs on any Node >= 18 before anything is installed.
 */
export class Progress {
  #startMs = performance.now()
  #write

  /** @param {(text: string) => void} write */
  constructor(write = text => process.stderr.write(text)) {
    this.#write = write
  }

  /** Whole seconds since the start. */
  get seconds() {
    return Math.round((performance.now() - this.#startMs) / 1000)
  }

  /** @param {string} text */
  step(text) {
    this.#write(`[${String(this.seconds).padStart(3)} s] ${text}\n`)
  }
}

/** An operating error whose message is for the user: what was tried, what to do. */
export class LaunchError extends Error {
  /** @param {string} message @param {number} exitCode */
  constructor(message, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}
