/**
 * Draws the state of the demo as text: a block for terminals, one line for logs and pipes. Pure.
 * Used by demo.ts; the screen decides which of the two is shown.
 * Invariant: the block has the same number of lines from one refresh to the next.
 */
import type { FlowStatus } from './flow-status.ts'

export interface DemoStatus {
  readonly elapsedMs: number
  readonly restUrl: string
  readonly flows: readonly FlowStatus[]
}

type Cell = string | number
const HEAD = ['topic', 'table', 'sent', 'consumed', 'lag', 'rows/s', 'rows', 'errors']
const LEFT_COLUMNS = 2

/** For terminals: refreshed in place. */
export function renderBlock({ elapsedMs, flows, restUrl }: DemoStatus): string[] {
  const rows: Cell[][] = flows.flatMap(flow =>
    flow.tables.map(({ name, rate, rows: count }, index) => {
      const numbers = [flow.sent, flow.consumed, flow.lag].map(n => (index === 0 ? group(n) : ''))
      const errors = index === 0 ? group(flow.errors) : ''
      const topic = index === 0 ? flow.topic : ''
      return [
        topic,
        name,
        ...numbers,
        group(rate),
        count === undefined ? '…' : group(count),
        errors,
      ]
    }),
  )
  return [
    '',
    ...toTable([HEAD, ...rows]),
    '',
    `  running ${clockText(elapsedMs)} · ${restUrl} · Ctrl-C stops everything`,
    '',
    ...hints(restUrl, flows).map(line => `  ${line}`),
  ]
}

/** For logs: one line. */
export function renderLine({ elapsedMs, flows }: DemoStatus): string {
  const parts = flows.map(flow => {
    const rate = flow.tables.reduce((sum, table) => sum + table.rate, 0)
    const rows = flow.tables.map(table => (table.rows === undefined ? '…' : group(table.rows)))
    return (
      `${flow.topic}: sent ${group(flow.sent)}, consumed ${group(flow.consumed)}, ` +
      `lag ${group(flow.lag)}, ${group(rate)} rows/s, rows ${rows.join(' + ')}, errors ${group(flow.errors)}`
    )
  })
  return `${clockText(elapsedMs)}  ${parts.join(' | ')}`
}

/** How to look at it from another terminal. */
export function hints(restUrl: string, flows: readonly { readonly topic: string }[]): string[] {
  const name = `${flows[0]?.topic ?? 'stocks'}-sink`
  return [
    `curl -s ${restUrl}/connectors`,
    `curl -s ${restUrl}/connectors/${name}/status`,
    `curl -s ${restUrl}/metrics | grep scamander_sink_records_total`,
  ]
}

export function group(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

/** `00:01:23` */
export function clockText(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  return parts.map(part => String(part).padStart(2, '0')).join(':')
}

/** Columns of equal width; the first two to the left, numbers to the right. */
export function toTable(rows: readonly (readonly Cell[])[], left = LEFT_COLUMNS): string[] {
  const widths: number[] = []
  for (const row of rows) {
    row.forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, String(cell).length)
    })
  }
  return rows.map(row => {
    const cells = row.map((cell, index) => {
      const text = String(cell)
      return index < left ? text.padEnd(widths[index]!) : text.padStart(widths[index]!)
    })
    return `  ${cells.join('  ')}`.trimEnd()
  })
}
