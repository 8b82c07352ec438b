/**
 * Times between frames, and what the page's main thread did meanwhile: of a list of ours that scrolls, of a
 * plain list without our code, and of a page that is left alone. Used by the parts of the benchmark.
 * Invariant: the plain list is measured by the same probe, in the same browser, right after ours, so that
 * what the machine itself costs stands beside it.
 */
import type { CDPSession, Page } from 'playwright-core'
import { plainList, scrollProbe, stillProbe } from './probes.ts'

/** What is told: measured, beside it the plain list (or nothing), and the budget. */
export type Row = readonly [what: string, measured: string, plain: string, budget: string]

export interface Frames {
  /** Milliseconds, sorted. */
  readonly frames: readonly number[]
  readonly seconds: number
  /** Time of the main thread's processor, in milliseconds. */
  readonly busyMs: number
  readonly scriptMs: number
  readonly layoutMs: number
}

export function scrollFrames(page: Page, list: string): Promise<Frames> {
  return watched(page, scrollProbe(list))
}

export function stillFrames(page: Page, ms: number): Promise<Frames> {
  return watched(page, stillProbe(ms))
}

/** As many rows and columns in a list of the same height. */
export async function plainFrames(
  page: Page,
  { list, row, rows }: { readonly list: string; readonly row: string; readonly rows: number },
): Promise<Frames> {
  const { columns, rowPx, heightPx } = await page.evaluate<{
    columns: number
    rowPx: number
    heightPx: number
  }>(`(() => {
    const list = document.querySelector(${JSON.stringify(list)})
    const row = list.querySelector(${JSON.stringify(row)})
    return { columns: row.children.length, rowPx: row.offsetHeight, heightPx: list.clientHeight }
  })()`)
  const plain = await page.context().newPage()
  try {
    await plain.evaluate(plainList({ rows, columns, rowPx, heightPx }))
    return await scrollFrames(plain, '#list')
  } finally {
    await plain.close()
  }
}

async function watched(page: Page, probe: string): Promise<Frames> {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const startedMs = performance.now()
  const before = await read(session)
  const frames = await page.evaluate<number[]>(probe)
  const after = await read(session)
  const seconds = (performance.now() - startedMs) / 1000
  await session.detach()
  const spent = (name: string) => ((after.get(name) ?? 0) - (before.get(name) ?? 0)) * 1000
  return {
    ...{ frames, seconds, busyMs: spent('TaskDuration'), scriptMs: spent('ScriptDuration') },
    layoutMs: spent('LayoutDuration') + spent('RecalcStyleDuration'),
  }
}

async function read(session: CDPSession): Promise<ReadonlyMap<string, number>> {
  const { metrics } = await session.send('Performance.getMetrics')
  return new Map(metrics.map(one => [one.name, one.value]))
}

export function scrollRows(name: string, ours: Frames, plain: Frames): Row[] {
  const pair = (text: (one: Frames) => string) => [text(ours), text(plain)] as const
  return [
    [`${name}: frames in 3 s`, ...pair(one => String(one.frames.length)), '180'],
    [`${name}: later than 17.5 ms`, ...pair(one => `${Math.round(late(one) * 100)} %`), '5 %'],
    [`${name}: 95 % of frames`, ...pair(one => `${percentile(one, 0.95)} ms`), '16.7 ms'],
    [`${name}: longest frame`, ...pair(one => `${percentile(one, 1)} ms`), '50 ms'],
    [`${name}: main thread, a frame`, ...pair(perFrame), ''],
  ]
}

function late({ frames }: Frames): number {
  return frames.filter(one => one > 17.5).length / Math.max(1, frames.length)
}

export function percentile({ frames }: Frames, part: number): string {
  const at = Math.min(frames.length - 1, Math.floor(frames.length * part))
  return (frames[at] ?? 0).toFixed(1)
}

/** "1.9 ms: 0.9 script, 0.4 style and layout". */
function perFrame({ frames, busyMs, scriptMs, layoutMs }: Frames): string {
  const one = (ms: number) => (ms / Math.max(1, frames.length)).toFixed(1)
  return `${one(busyMs)} ms: ${one(scriptMs)} script, ${one(layoutMs)} layout`
}
