/**
 * Where the columns of a grid stand: side by side with their widths, or on a narrow screen in two lines that
 * share the width. Pure. Used by the grid's body.
 * Invariants: on a narrow screen nothing is left out and nothing reaches beyond the screen; a width that a
 * person chose counts.
 * Spec: ui 4.1 (widths), 4.10 (rows of two lines).
 */
import type { CSSProperties } from 'react'
import type { GridColumn } from './grid-model.ts'

/** Of a line; columns take a share of them. */
const TRACKS = 24
/** More of them would be too small to read: such lists scroll sideways. */
const NARROW_COLUMNS_MAX = 9
const NARROW_COLUMNS_MIN = 3
export const WIDTH_MIN = 48
export const WIDTH_MAX = 1200

export type Widths = Readonly<Record<string, number>>

interface Around {
  readonly box: number
  readonly menu: number
}

/** As CSS: `40px 200px minmax(120px, 1fr) 56px`. */
export function templateOf<T>(
  columns: readonly GridColumn<T>[],
  widths: Widths,
  { box, menu }: Around,
): string {
  const data = columns.filter(one => one.isAct !== true)
  const wide = data.find(one => one.isWide === true) ?? data.at(-1)
  const tracks = columns.map(one => {
    const width = widthOfColumn(one, widths)
    return one === wide && widths[one.id] === undefined ? `minmax(${width}px, 1fr)` : `${width}px`
  })
  return [...px(box), ...tracks, ...px(menu)].join(' ')
}

export function widthOfColumn<T>({ id, width }: GridColumn<T>, widths: Widths): number {
  return Math.min(WIDTH_MAX, Math.max(WIDTH_MIN, widths[id] ?? width))
}

/** Undefined: as wide as the list says. */
export function withWidth(widths: Widths, column: string, width: number | undefined): Widths {
  const { [column]: _before, ...rest } = widths
  if (width === undefined) return rest
  return { ...rest, [column]: Math.round(Math.min(WIDTH_MAX, Math.max(WIDTH_MIN, width))) }
}

export function widthOfAll<T>(
  columns: readonly GridColumn<T>[],
  widths: Widths,
  { box, menu }: Around,
): number {
  return columns.reduce((sum, one) => sum + widthOfColumn(one, widths), box + menu)
}

export function fitsTwoLines(columns: readonly unknown[]): boolean {
  return columns.length >= NARROW_COLUMNS_MIN && columns.length <= NARROW_COLUMNS_MAX
}

export function narrowTemplate({ box, menu }: Around): string {
  return [...px(box), `repeat(${TRACKS}, minmax(0, 1fr))`, ...px(menu)].join(' ')
}

/** Of each column: the first stand above, as far as half of all the width goes. */
export function narrowPlaces<T>(
  columns: readonly GridColumn<T>[],
  { box }: Pick<Around, 'box'>,
): readonly CSSProperties[] {
  const widths = columns.map(one => one.width)
  const half = sum(widths) / 2
  let above = 1
  while (above < columns.length - 1 && sum(widths.slice(0, above + 1)) <= half) above++
  const first = box > 0 ? 2 : 1
  return [widths.slice(0, above), widths.slice(above)].flatMap((line, row) => {
    let at = first
    return shares(line).map(span => {
      const place = { gridRow: row + 1, gridColumn: `${at} / span ${span}` }
      at += span
      return place
    })
  })
}

/** Of the tracks, at least one each, all together; by roots, so that a short column can be read. */
function shares(widths: readonly number[]): number[] {
  const roots = widths.map(Math.sqrt)
  const total = sum(roots)
  const spans = roots.map(root => Math.max(1, Math.floor((root / total) * TRACKS)))
  for (let left = TRACKS - sum(spans); left !== 0; left = TRACKS - sum(spans)) {
    const most = spans.indexOf(Math.max(...spans))
    spans[most] = (spans[most] ?? 1) + (left > 0 ? left : -1)
  }
  return spans
}

function px(width: number): string[] {
  return width === 0 ? [] : [`${width}px`]
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0)
}
