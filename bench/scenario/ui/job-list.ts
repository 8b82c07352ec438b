/**
 * The list of jobs: from the click to its rows, its search, and how it scrolls. No cluster is needed: the
 * jobs are declared, never run.
 * Spec: ui 7 (lists).
 */
import type { Browser, Page } from 'playwright-core'
import type { Start } from '../../../src/server/index.ts'
import { openHome, openWindow } from './first-load.ts'
import { plainFrames, type Row, scrollFrames, scrollRows } from './frames.ts'
import { JOBS_ANSWER, listChange } from './probes.ts'

const LIST = '.sc-dg-scroll, .sc-grid-scroll'
const ROW = '[data-testid="job-row"]'
const SEARCH = '[data-testid="search"]'

export async function addJobs({ replicator }: Start, rows: number): Promise<void> {
  const properties = { database: 'bench', authScheme: 'None' }
  const draft = { name: 'cluster', connector: 'cassandra', properties } as const
  const { connection } = await replicator.saveConnection(draft, AbortSignal.timeout(10_000))
  const at = connection?.id ?? ''
  for (let i = 0; i < rows; i++) {
    await replicator.addJob({ name: `job ${i} of ${rows}`, source: at, destination: at })
  }
}

export async function measureJobs(browser: Browser, url: string, rows: number): Promise<Row[]> {
  const context = await openWindow(browser)
  const page = await context.newPage()
  await openHome(page, url)
  const openMs = await timed(page, () => page.click('[data-testid="nav-jobs"]'), ROW)
  const drawn = await page.locator(ROW).count()
  const answerMs = await page.evaluate<number>(JOBS_ANSWER)
  const ours = await scrollFrames(page, LIST)
  const plain = await plainFrames(page, { list: LIST, row: ROW, rows })
  const filterMs = await timed(page, () => page.fill(SEARCH, 'job 17 of'), ROW, true)
  await context.close()
  return [
    [`jobs, answer for ${rows}`, `${Math.round(answerMs)} ms`, '', '300 ms'],
    ['click on Jobs to first rows', `${Math.round(openMs)} ms`, '', '500 ms'],
    ['rows in the document', String(drawn), '', '80'],
    ['jobs: filter, key to frame', `${Math.round(filterMs)} ms`, '', '100 ms'],
    ...scrollRows(`${rows} jobs`, ours, plain),
  ]
}

/** From before the act to the first frame in which the list is there, or is shorter. */
export async function timed(page: Page, act: () => Promise<void>, row: string, isShorter = false) {
  const seen = page.evaluate<number>(listChange(row, isShorter))
  const startedMs = performance.timeOrigin + performance.now()
  await act()
  return (await seen) - startedMs
}
