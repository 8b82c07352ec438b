/**
 * Rows as they came or as they will be written. Used by the previews of columns, queries and tables.
 * Invariants: text is cut, never interpreted; null is shown as such; 64-bit numbers stay what they are.
 * Spec: ui 4.8 (cells), 8 (`preview-grid`).
 */
import type { CellValue, Grid, TaskPreview } from '../../api-v1.ts'

interface PreviewGridProps {
  readonly grid: Grid
  readonly testId: string
  readonly problems?: TaskPreview['problems']
}

const SHOWN_CHARACTERS = 80

export function PreviewGrid({ grid, testId, problems = [] }: PreviewGridProps) {
  const bad = new Map(problems.map(one => [`${one.row} ${one.column}`, one.message]))
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached with the keys
    <section className="sc-card sc-tables" aria-label="Rows" tabIndex={0} data-testid={testId}>
      <table className="sc-grid">
        <thead>
          <tr>
            {grid.columns.map(one => (
              <th key={one.name}>
                {one.name} <span className="sc-quiet">{one.type}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {grid.rows.map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of a preview have no other name
            <tr key={index} data-testid="preview-row">
              {grid.columns.map(({ name }, column) => {
                const problem = bad.get(`${index} ${name}`)
                return (
                  <td
                    key={name}
                    data-column={name}
                    title={problem}
                    {...(problem === undefined ? {} : { 'data-state': 'failed' })}
                  >
                    <Cell value={row[column] ?? null} />
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
      {grid.rows.length === 0 && <p className="sc-lead sc-card-body">No rows.</p>}
    </section>
  )
}

function Cell({ value }: { readonly value: CellValue }) {
  if (value === null) return <span className="sc-quiet">NULL</span>
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  if (text === '') return <span className="sc-quiet">""</span>
  return <bdi>{text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text}</bdi>
}

export function Problems({ problems }: { readonly problems: TaskPreview['problems'] }) {
  const shown = problems.slice(0, 10)
  return (
    <div
      className="sc-banner"
      data-role={problems.length === 0 ? 'ok' : 'error'}
      data-testid="preview-problems"
      data-state={problems.length === 0 ? 'passed' : 'failed'}
    >
      {problems.length === 0 ? (
        <p>Every row can be written, and no two have the same key.</p>
      ) : (
        <ul className="sc-errors">
          {shown.map(one => (
            <li key={`${one.row} ${one.column}`}>
              Row {one.row + 1}, {one.column}: {one.message}
            </li>
          ))}
          {problems.length > shown.length && <li>and {problems.length - shown.length} more</li>}
        </ul>
      )}
    </div>
  )
}
