/**
 * Values of rows and records as the Data screens write them. Pure.
 * Invariant: digits are grouped as text, never as a number of JavaScript.
 * Spec: ui 4.8.
 */
import type { DataCell, DataTableInfo } from '../../api-v1-data.ts'
import { toLocal } from '../parts/format.ts'

/** A row with its place in the answer. */
export interface ShownRow {
  readonly cells: readonly DataCell[]
  readonly token: string
  readonly index: number
}

export function textOf(cell: DataCell): string | null {
  return typeof cell === 'object' && cell !== null ? cell.text : cell
}

/** "1.2 kB" */
export function toBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`
  const units = ['kB', 'MB', 'GB']
  let value = bytes / 1_000
  let at = 0
  while (value >= 1_000 && at < units.length - 1) {
    value /= 1_000
    at += 1
  }
  return `${value.toFixed(1)} ${units[at]}`
}

/** Texts of the primary key; rows of statements have none. */
export function keyOf(row: ShownRow, { columns }: DataTableInfo): string {
  const count = columns.filter(
    one => one.kind === 'partition_key' || one.kind === 'clustering',
  ).length
  return row.cells.slice(0, count).map(textOf).join(', ')
}

/** Digits in groups of three. */
export function toGrouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',')
}

/** "2026-11-21 14:02:31.204" */
export function toMilliseconds(iso: string): string {
  return `${toLocal(iso)}.${iso.slice(20, 23)}`
}
