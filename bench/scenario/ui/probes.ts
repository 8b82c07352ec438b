/**
 * What the benchmark asks inside the page, as text: these run in the browser, whose types are not those
 * of Node. Each is one expression for `page.evaluate`.
 * Invariant: a probe changes nothing but the place that a list is scrolled to; only `plainList` draws.
 */

const SCROLL_PX_PER_S = 4_000
const SCROLL_MS = 3_000

export interface Load {
  readonly paintMs: number
  readonly homeMs: number
  readonly requests: number
  /** As sent, that is, compressed. */
  readonly kb: Readonly<Record<'js' | 'css' | 'html', number>>
}

/** Of a page that is usable now: a `Load`. */
export const LOAD = `(() => {
  const [html] = performance.getEntriesByType('navigation')
  const files = performance.getEntriesByType('resource')
  const kbOf = ending =>
    files
      .filter(({ name }) => name.includes('/ui/assets/') && name.endsWith(ending))
      .reduce((sum, one) => sum + one.encodedBodySize, 0) / 1000
  const paint = performance.getEntriesByName('first-contentful-paint')[0]
  return {
    paintMs: paint?.startTime ?? 0,
    homeMs: performance.now(),
    requests: files.length + 1,
    kb: { js: kbOf('.js'), css: kbOf('.css'), html: (html?.encodedBodySize ?? 0) / 1000 },
  }
})()`

/** Milliseconds of the server's answer with all jobs. */
export const JOBS_ANSWER = `(async () => {
  const startedMs = performance.now()
  await (await fetch('/api/v1/jobs')).text()
  return performance.now() - startedMs
})()`

/** The time (epoch ms) of the first frame in which the list is there, or is shorter than now. */
export function listChange(row: string, isShorter: boolean): string {
  return `new Promise(resolve => {
    const count = () => document.querySelectorAll(${JSON.stringify(row)}).length
    const before = count()
    const look = () => {
      const isThere = ${isShorter} ? count() < before : count() > 0
      if (isThere) resolve(performance.timeOrigin + performance.now())
      else requestAnimationFrame(look)
    }
    look()
  })`
}

/** Milliseconds between frames while the list scrolls down and up, sorted. */
export function scrollProbe(list: string): string {
  return `new Promise(resolve => {
    const frames = []
    const startedMs = performance.now()
    let lastMs = startedMs
    const list = document.querySelector(${JSON.stringify(list)})
    const height = Math.max(1, list.scrollHeight - list.clientHeight)
    const step = nowMs => {
      frames.push(nowMs - lastMs)
      lastMs = nowMs
      const turn = (((nowMs - startedMs) / 1000) * ${SCROLL_PX_PER_S}) % (2 * height)
      list.scrollTop = turn <= height ? turn : 2 * height - turn
      if (nowMs - startedMs < ${SCROLL_MS}) requestAnimationFrame(step)
      else resolve(frames.slice(1).sort((a, b) => a - b))
    }
    requestAnimationFrame(step)
  })`
}

/** Milliseconds between frames while nothing is done to the page, sorted. */
export function stillProbe(ms: number): string {
  return `new Promise(resolve => {
    const frames = []
    const startedMs = performance.now()
    let lastMs = startedMs
    const step = nowMs => {
      frames.push(nowMs - lastMs)
      lastMs = nowMs
      if (nowMs - startedMs < ${ms}) requestAnimationFrame(step)
      else resolve(frames.slice(1).sort((a, b) => a - b))
    }
    requestAnimationFrame(step)
  })`
}

export interface PlainList {
  readonly rows: number
  readonly columns: number
  readonly rowPx: number
  readonly heightPx: number
}

/** A list as plain as can be, in an empty document: all rows are there, placed, and nothing ever changes. */
export function plainList({ rows, columns, rowPx, heightPx }: PlainList): string {
  return `(() => {
    document.body.style.cssText = 'margin:16px;background:#fff;font:13px/20px sans-serif'
    const cells = at => Array.from({ length: ${columns} }, (_, n) =>
      '<span style="position:absolute;left:' + n * 160 + 'px">cell ' + n + ' of ' + at + '</span>')
    const line = at => '<div class="row" style="position:absolute;left:0;right:0;height:${rowPx}px;' +
      'contain:strict;border-bottom:1px solid #ddd;top:' + at * ${rowPx} + 'px">' + cells(at).join('') + '</div>'
    const all = Array.from({ length: ${rows} }, (_, at) => line(at)).join('')
    document.body.innerHTML = '<div id="list" style="overflow:auto;background:#fff;height:${heightPx}px">' +
      '<div style="position:relative;height:${rows * rowPx}px">' + all + '</div></div>'
  })()`
}
