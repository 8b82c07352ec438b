/**
 * The token ranges of a table as a heat map: one cell per range, by what became of it. Drawn on a
 * canvas, so that thousands of ranges cost nothing; reached and read out by the arrow keys.
 * Used by the copy panel. Invariant: failed and different ranges have a sign, not only a colour.
 * Spec: ui 3 (heat maps), 4.9, 5.6.
 */
import { useComputedColorScheme } from '@mantine/core'
import { type KeyboardEvent, type MouseEvent, useEffect, useRef, useState } from 'react'
import { toCount } from '../parts/format.ts'

interface RangeMapProps {
  readonly table: string
  /** One letter per range: see `MigrationRanges`. */
  readonly states: string
}

const CELL = 14
const GAP = 2
const ROWS_SHOWN_MAX = 24
const WORDS: Readonly<Record<string, string>> = {
  w: 'waiting',
  r: 'running',
  d: 'done',
  f: 'failed',
  x: 'differs',
  c: 'corrected',
}
const LEGEND = ['d', 'r', 'w', 'f', 'x', 'c']

export function RangeMap({ table, states }: RangeMapProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const [width, setWidth] = useState(0)
  const [at, setAt] = useState<number | undefined>()
  const scheme = useComputedColorScheme()
  const columns = Math.max(1, Math.floor((width + GAP) / (CELL + GAP)))
  const rows = Math.ceil(states.length / columns)
  const height = rows * (CELL + GAP)

  useEffect(() => {
    const host = canvas.current?.parentElement
    if (host === null || host === undefined) return
    const watch = new ResizeObserver(() => setWidth(host.clientWidth))
    watch.observe(host)
    return () => watch.disconnect()
  }, [])

  // biome-ignore lint/correctness/useExhaustiveDependencies: drawn anew in the colours of the theme
  useEffect(() => {
    const target = canvas.current
    if (target === null || width === 0) return
    draw(target, { states, columns, width, height, at })
  }, [states, columns, width, height, at, scheme])

  const move = (event: KeyboardEvent) => {
    const step = STEPS(columns)[event.key]
    if (step === undefined || states === '') return
    event.preventDefault()
    setAt(Math.min(states.length - 1, Math.max(0, (at ?? -1) + step)))
  }
  const point = (event: MouseEvent) => {
    const box = event.currentTarget.getBoundingClientRect()
    const column = Math.floor((event.clientX - box.left) / (CELL + GAP))
    const row = Math.floor((event.clientY - box.top) / (CELL + GAP))
    const index = row * columns + column
    if (column < columns && index < states.length) setAt(index)
  }
  const name = at === undefined ? '' : rangeName(at, states)
  return (
    <div className="sc-stack" data-testid="range-map" data-key={table} data-state={states}>
      <div className="sc-map" style={{ maxHeight: ROWS_SHOWN_MAX * (CELL + GAP) }}>
        <canvas
          ref={canvas}
          height={height}
          role="img"
          tabIndex={0}
          aria-label={`Token ranges of ${table}: ${summary(states)}`}
          onKeyDown={move}
          onClick={point}
        />
      </div>
      <div className="sc-map-foot">
        {LEGEND.filter(one => states.includes(one)).map(letter => (
          <span key={letter} className="sc-map-key" data-state={letter}>
            <i aria-hidden>{SIGNS[letter]}</i> {WORDS[letter]} {toCount(countOf(states, letter))}
          </span>
        ))}
        <span className="sc-spacer" />
        <span aria-live="polite" data-testid="range-cell" data-key={at ?? ''}>
          {name}
        </span>
      </div>
    </div>
  )
}

const SIGNS: Readonly<Record<string, string>> = { f: '×', x: '▲', c: '✓' }

function STEPS(columns: number): Readonly<Record<string, number>> {
  return { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }
}

export function rangeName(index: number, states: string): string {
  const word = WORDS[states[index] ?? 'w'] ?? ''
  return `range ${toCount(index + 1)} of ${toCount(states.length)}, ${word}`
}

function summary(states: string): string {
  const parts = LEGEND.map(letter => [countOf(states, letter), WORDS[letter]] as const)
  const told = parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`)
  return told.length === 0 ? 'none' : told.join(', ')
}

function countOf(states: string, letter: string): number {
  return states.split(letter).length - 1
}

interface Drawing {
  readonly states: string
  readonly columns: number
  readonly width: number
  readonly height: number
  readonly at: number | undefined
}

function draw(canvas: HTMLCanvasElement, { states, columns, width, height, at }: Drawing): void {
  const ratio = devicePixelRatio || 1
  canvas.width = width * ratio
  canvas.height = height * ratio
  canvas.style.width = `${width}px`
  canvas.style.height = `${height}px`
  const context = canvas.getContext('2d')
  if (context === null) return
  const style = getComputedStyle(document.body)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  const fills: Readonly<Record<string, readonly [fill: string, alpha: number]>> = {
    w: [colour('--series-1'), 0.14],
    r: [colour('--series-1'), 0.5],
    d: [colour('--series-1'), 1],
    c: [colour('--ok'), 1],
    f: [colour('--error'), 1],
    x: [colour('--warn'), 1],
  }
  context.scale(ratio, ratio)
  context.font = '600 12px system-ui, sans-serif'
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  for (let index = 0; index < states.length; index++) {
    const letter = states[index] ?? 'w'
    const [fill, alpha] = fills[letter] ?? ['', 0]
    const left = (index % columns) * (CELL + GAP)
    const top = Math.floor(index / columns) * (CELL + GAP)
    context.globalAlpha = alpha
    context.fillStyle = fill
    context.fillRect(left, top, CELL, CELL)
    context.globalAlpha = 1
    const sign = SIGNS[letter]
    if (sign !== undefined) {
      context.fillStyle = colour('--on-accent')
      context.fillText(sign, left + CELL / 2, top + CELL / 2 + 1)
    }
    if (index === at) {
      context.strokeStyle = colour('--text')
      context.lineWidth = 2
      context.strokeRect(left + 1, top + 1, CELL - 2, CELL - 2)
    }
  }
}
