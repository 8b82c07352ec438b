/**
 * Rows of a table in Data, drawn by the grid that all long lists have: how it scrolls and is searched.
 * The server gives at most 500 rows a page; here the pages of the whole table are put together on their way to
 * the browser, so that the grid holds as many rows as are asked for.
 * Spec: ui 7 (lists of 10,000 rows).
 */
import type { Browser, Page } from 'playwright-core'
import { openWindow } from './first-load.ts'
import { plainFrames, type Row, scrollFrames, scrollRows } from './frames.ts'
import { timed } from './job-list.ts'
import { type Scene, TABLE } from './scene.ts'

const LIST = '.sc-dg-scroll'
const ROW = '[data-testid="data-row"]'
const SEARCH = '.sc-dg-frame [data-testid="search"]'
const PAGE_ROWS = 500

interface RowsAnswer {
  readonly rows: unknown[]
  readonly tokens: string[]
  readonly next: string | null
}

export async function measureTable(browser: Browser, scene: Scene, rows: number): Promise<Row[]> {
  const context = await openWindow(browser)
  const page = await context.newPage()
  const answer = await wholeTable(scene)
  if (answer.rows.length !== rows) throw new Error(`the table gave ${answer.rows.length} rows`)
  await page.route(/\/api\/v1\/.*\/quotes\/rows/, route => route.fulfill({ json: answer }))
  const place = `${scene.connection}/${scene.keyspace}/${TABLE}`
  await page.goto(`${scene.url}/ui/data/cassandra/${place}/rows`)
  await page.waitForSelector(`[data-rows="${rows}"] ${ROW}`)
  const drawn = await page.locator(ROW).count()
  const ours = await scrollFrames(page, LIST)
  const plain = await plainFrames(page, { list: LIST, row: ROW, rows })
  const filterMs = await searched(page)
  await context.close()
  return [
    ['rows of a table in the document', String(drawn), '', '80'],
    [`${rows} rows: filter, key to frame`, `${Math.round(filterMs)} ms`, '', '100 ms'],
    ...scrollRows(`${rows} rows`, ours, plain),
  ]
}

/** To the frame with the eleven rows that are found. */
async function searched(page: Page): Promise<number> {
  return await timed(page, () => page.fill(SEARCH, 'row 999'), ROW, true)
}

async function wholeTable({ url, connection, keyspace }: Scene): Promise<RowsAnswer> {
  const path = `${url}/api/v1/data/cassandra/${connection}/${keyspace}/${TABLE}/rows`
  const whole = { rows: [] as unknown[], tokens: [] as string[] }
  let first: RowsAnswer | undefined
  for (let next: string | null = ''; next !== null; ) {
    const query = new URLSearchParams({ limit: String(PAGE_ROWS), ...(next && { page: next }) })
    const page = (await (await fetch(`${path}?${query}`)).json()) as RowsAnswer
    first ??= page
    whole.rows.push(...page.rows)
    whole.tokens.push(...page.tokens)
    next = page.next
  }
  return { ...first!, ...whole, next: null }
}
