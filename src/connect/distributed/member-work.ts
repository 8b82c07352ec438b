/**
 * What one member of the workers' group has, as the group must believe it: what it was given, and
 * what it was told to give back and has not stopped yet. Kept in the membership's thread.
 * Invariants: a unit leaves only when the main thread says that nothing of it runs, knowing the
 * newest assignment; when the last unit that others wait for has gone, the member joins again, also
 * when it went while the round that asks for it was under way.
 * Spec: connect-rest 18.3 (4).
 */
import { both, isEmptyShare, minus, NO_WORK, union, type WorkShare } from './work-share.ts'

/** As much of an assignment as moves work. */
export interface Given {
  readonly generation: number
  readonly assigned: WorkShare
  /** Of what this member had, others wait for. */
  readonly revoked: WorkShare
}

export class MemberWork {
  /** As the group has it. */
  #assigned: WorkShare = NO_WORK
  /** Not ours any more, but not stopped yet. */
  #stopping: WorkShare = NO_WORK
  /** Of these, other workers wait for. */
  #awaited: WorkShare = NO_WORK
  #generation = -1

  /** What nobody else may have now. */
  get owned(): WorkShare {
    return union(this.#assigned, this.#stopping)
  }

  /** What is to be stopped and released. */
  get stopping(): WorkShare {
    return this.#stopping
  }

  /** True: what others wait for has stopped already, so join again at once. */
  give({ generation, assigned, revoked }: Given): boolean {
    this.#stopping = minus(this.owned, assigned)
    this.#assigned = assigned
    this.#generation = generation
    this.#awaited = both(revoked, this.#stopping)
    return !isEmptyShare(revoked) && isEmptyShare(this.#awaited)
  }

  /**
   * These ran no more when the main thread followed that generation; true: join again. What is told
   * of an earlier one is void: they may have been given again, and the answer to the newest tells them
   * once more.
   */
  release(share: WorkShare, generation: number): boolean {
    if (generation !== this.#generation) return false
    this.#stopping = minus(this.#stopping, share)
    if (isEmptyShare(this.#awaited)) return false
    this.#awaited = minus(this.#awaited, share)
    return isEmptyShare(this.#awaited)
  }

  /** Nothing runs any more. */
  releaseAll(): void {
    this.#assigned = NO_WORK
    this.#stopping = NO_WORK
    this.#awaited = NO_WORK
    this.#generation = -1
  }
}
