/**
 * The end of the benchmark: for each scenario the best and the median of all rounds, and our proxy
 * beside the peer.
 * Invariant: figures are compared within one run only.
 */
export interface Figure {
  readonly who: 'direct' | 'proxy' | 'peer'
  readonly version: number
  readonly scenario: string
  readonly perSecond: number
  readonly medianMs: number
  /** Of the proxy's process, per request. */
  readonly cpuMicros: number
}

export function summarize(figures: readonly Figure[]): string {
  const groups = Map.groupBy(figures, one => `v${one.version} ${one.scenario}`)
  const lines = ['', 'median of the rounds:']
  for (const [name, all] of groups) {
    const of = (who: Figure['who']) => all.filter(one => one.who === who)
    for (const who of ['direct', 'proxy', 'peer'] as const) {
      if (of(who).length > 0) lines.push(`${name.padEnd(30)} ${who.padEnd(7)} ${shown(of(who))}`)
    }
    if (of('peer').length > 0) lines.push(`${''.padEnd(30)} ${beside(of('proxy'), of('peer'))}`)
  }
  return `${lines.join('\n')}\n`
}

function shown(all: readonly Figure[]): string {
  const cpu = median(all.map(one => one.cpuMicros))
  const rate = Math.round(median(all.map(one => one.perSecond)))
  const latency = median(all.map(one => one.medianMs)).toFixed(3)
  return `${rate}/s, median ${latency} ms${cpu > 0 ? `, CPU ${cpu.toFixed(1)} µs/request` : ''}`
}

function beside(ours: readonly Figure[], theirs: readonly Figure[]): string {
  const ratio = (pick: (one: Figure) => number) => median(ours.map(pick)) / median(theirs.map(pick))
  const rate = ratio(one => one.perSecond).toFixed(2)
  const cpu = ratio(one => one.cpuMicros).toFixed(2)
  return `proxy/peer: rate × ${rate}, CPU × ${cpu}, median latency × ${ratio(one => one.medianMs).toFixed(2)}`
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}
