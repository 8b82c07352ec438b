/**
 * Assertions for programmer errors: a broken invariant is never tolerated and never retried.
 * Operating errors are `ScamanderError`; the two are not to be confused.
 * Called everywhere; must stay cheap enough for hot paths (no message building before the check).
 */
export class AssertionFailure extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'AssertionFailure'
  }
}

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionFailure(`assertion failed: ${message}`)
}

/** For the default branch of a closed switch. */
export function unreachable(value: never): never {
  throw new AssertionFailure(`unreachable value: ${String(value)}`)
}
