/**
 * A JSON text as a tree that folds. Used by drawers of rows and records.
 * Invariants: numbers are shown as they were written, digit by digit; text that is no JSON is shown as it
 * is; long lists and objects are cut and say how much is left.
 * Spec: ui 4.8 (cells).
 */
import { useMemo } from 'react'

/** A number as it stands in the text. */
class NumberText {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

const SHOWN_MAX = 200
const OPEN_DEPTH = 2
const DEPTH_MAX = 40

export function JsonTree({ text }: { readonly text: string }) {
  const parsed = useMemo(() => parseExact(text), [text])
  if (parsed === undefined) return <pre className="sc-message">{text}</pre>
  return (
    <div className="sc-json" data-testid="json-tree">
      <Node value={parsed.value} depth={0} />
    </div>
  )
}

type Reviver = (
  this: unknown,
  key: string,
  value: unknown,
  context?: { source?: string },
) => unknown

/** Undefined: no JSON. */
export function parseExact(text: string): { readonly value: unknown } | undefined {
  const reviver: Reviver = (_key, value, context) =>
    typeof value === 'number' ? new NumberText(context?.source ?? String(value)) : value
  try {
    return { value: JSON.parse(text, reviver) }
  } catch {
    // Text of another kind, or cut: shown as it is.
    return undefined
  }
}

interface NodeProps {
  readonly value: unknown
  readonly depth: number
}

function Node({ value, depth }: NodeProps) {
  if (typeof value !== 'object' || value === null || value instanceof NumberText) {
    return <Leaf value={value} />
  }
  const isList = Array.isArray(value)
  const entries: [string, unknown][] = Object.entries(value)
  if (entries.length === 0 || depth > DEPTH_MAX) {
    return <span className="sc-quiet">{isList ? '[]' : '{}'}</span>
  }
  const shown = entries.slice(0, SHOWN_MAX)
  return (
    <details open={depth < OPEN_DEPTH}>
      <summary>
        <span className="sc-quiet">{isList ? `[${entries.length}]` : `{${entries.length}}`}</span>
      </summary>
      <ul>
        {shown.map(([name, one]) => (
          <li key={name}>
            <span className="sc-json-name">
              <bdi>{name}</bdi>
            </span>{' '}
            <Node value={one} depth={depth + 1} />
          </li>
        ))}
        {entries.length > shown.length && (
          <li className="sc-quiet">{entries.length - shown.length} more</li>
        )}
      </ul>
    </details>
  )
}

function Leaf({ value }: { readonly value: unknown }) {
  if (value instanceof NumberText) return <span>{value.text}</span>
  if (typeof value === 'string') return <bdi className="sc-json-text">"{value}"</bdi>
  return <span className="sc-quiet">{String(value)}</span>
}
