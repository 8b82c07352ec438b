/**
 * Reads the next page while the present one is written, so that the source and Cassandra wait for each
 * other as little as possible. Used by the engine around every reader.
 * Invariants: at most one page is read ahead; a page is handed out before an error behind it; a caller
 * that stops ends the reader after its present request.
 */
export async function* readAhead<T>(pages: AsyncGenerator<T>): AsyncGenerator<T> {
  let next = started(pages)
  try {
    for (;;) {
      const page = await next
      if (page.done === true) return
      next = started(pages)
      yield page.value
    }
  } finally {
    // Not awaited: a request may wait for a rate limit, and the caller need not.
    pages.return(undefined).catch(() => undefined)
  }
}

function started<T>(pages: AsyncGenerator<T>): Promise<IteratorResult<T>> {
  const next = pages.next()
  // Awaited later, or not at all when the caller stops.
  next.catch(() => undefined)
  return next
}
