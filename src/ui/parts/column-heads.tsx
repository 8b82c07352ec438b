/**
 * The heads of a table that is not sorted: titles, numbers on the right like their cells, and the column
 * of acts, whose name is for screen readers only.
 * Invariant: titles of one table differ.
 * Spec: ui 3 (tables), 4.9.
 */
interface ColumnHeadsProps {
  readonly columns: readonly string[]
  /** Those of the columns that hold numbers. */
  readonly numbers?: readonly string[]
  /** A last column of buttons. */
  readonly acts?: boolean
}

export function ColumnHeads({ columns, numbers = [], acts = false }: ColumnHeadsProps) {
  return (
    <thead>
      <tr>
        {columns.map(title => (
          <th key={title} className={numbers.includes(title) ? 'sc-number' : undefined}>
            {title}
          </th>
        ))}
        {acts && (
          <th>
            <span className="sc-hidden">Acts</span>
          </th>
        )}
      </tr>
    </thead>
  )
}
