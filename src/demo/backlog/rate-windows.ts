/**
 * Limits of one user of the stand-in: fixed windows of one minute on its clock, per class.
 * Asked once per request, before it is answered.
 * Spec: backlog-replication 1.4, 3.2.
 */
type Kind = 'read' | 'update' | 'search' | 'icon'

const WINDOW_MS = 60_000

export class RateWindows {
  readonly limit: Record<Kind, number>
  readonly #now: () => number
  readonly #used: Record<Kind, number> = { read: 0, update: 0, search: 0, icon: 0 }
  #endMs = 0

  constructor({
    now,
    read = 600,
    search = 150,
  }: { now: () => number; read?: number; search?: number }) {
    this.#now = now
    this.limit = { read, update: 150, search, icon: 60 }
  }

  take(kind: Kind): { isAllowed: boolean; headers: Record<string, string> } {
    this.#roll()
    const isAllowed = this.#used[kind] < this.limit[kind]
    if (isAllowed) this.#used[kind]++
    const headers = {
      'X-RateLimit-Limit': String(this.limit[kind]),
      'X-RateLimit-Remaining': String(this.limit[kind] - this.#used[kind]),
      'X-RateLimit-Reset': String(Math.ceil(this.#endMs / 1000)),
    }
    return { isAllowed, headers }
  }

  all(): unknown {
    this.#roll()
    const of = (kind: Kind) => ({
      limit: this.limit[kind],
      remaining: this.limit[kind] - this.#used[kind],
      reset: Math.ceil(this.#endMs / 1000),
    })
    return {
      rateLimit: { read: of('read'), update: of('update'), search: of('search'), icon: of('icon') },
    }
  }

  #roll(): void {
    const now = this.#now()
    if (now < this.#endMs) return
    this.#endMs = now + WINDOW_MS
    for (const kind of Object.keys(this.#used) as Kind[]) this.#used[kind] = 0
  }
}
