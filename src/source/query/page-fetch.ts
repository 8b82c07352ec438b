/**
 * The pages of one query, one after the other, from a paging state on.
 * A paging state that came from a stored position may no longer be accepted, after an upgrade of
 * the cluster for instance: the answer is then `refused`, and the caller begins the query anew.
 * Used by the readers of both query sources. Invariants: `next` is not called concurrently; a page has
 * the columns that were prepared, else it is refused by the watch.
 */
import { isScamanderError } from '../../base/scamander-error.ts'
import { type PageRequest, type ReadStatement, SERVER_ERROR_CODES } from '../../cassandra/index.ts'
import type { RowsResult } from '../../cql/index.ts'
import type { TableSession } from './table-session.ts'
import type { TableWatch } from './table-watch.ts'

export interface PageQuery {
  readonly statement: ReadStatement
  readonly watch: Pick<TableWatch, 'checkPage'>
  readonly values: Buffer
  readonly pageSize: number
  readonly token?: PageRequest['token']
  /** Of a stored position; undefined: from the beginning. */
  readonly resume?: Buffer | undefined
}

export class PageFetch {
  readonly #session: Pick<TableSession, 'readPage'>
  readonly #query: PageQuery
  #pagingState: Buffer | undefined
  #isFirst = true
  #isDone = false

  constructor(session: Pick<TableSession, 'readPage'>, query: PageQuery) {
    this.#session = session
    this.#query = query
    this.#pagingState = query.resume
  }

  get isDone(): boolean {
    return this.#isDone
  }

  /** Where the next page begins; undefined at the end and before the first page. */
  get pagingState(): Buffer | undefined {
    return this.#pagingState
  }

  /** A page; 'refused' when the stored paging state is not accepted. */
  async next(): Promise<RowsResult | 'refused'> {
    const { statement, watch, values, pageSize, token, resume } = this.#query
    const isResumed = this.#isFirst && resume !== undefined
    try {
      const page = await this.#session.readPage(statement, {
        values,
        pageSize,
        pagingState: this.#pagingState,
        token,
      })
      watch.checkPage(page, statement)
      this.#isFirst = false
      // A copy: the state is a view of the page's bytes, which would stay in memory with it.
      const state = page.pagingState
      this.#pagingState = state === undefined ? undefined : Buffer.from(state)
      this.#isDone = state === undefined
      return page
    } catch (error) {
      if (!isResumed || !isRefusal(error)) throw error
      return 'refused'
    }
  }
}

const { SERVER, PROTOCOL, INVALID } = SERVER_ERROR_CODES
/** What servers of different versions answer to a paging state they cannot read. */
const REFUSALS: ReadonlySet<unknown> = new Set([SERVER, PROTOCOL, INVALID])

function isRefusal(error: unknown): boolean {
  return isScamanderError(error) && REFUSALS.has(error.context['serverCode'])
}
