/**
 * A draft as JSON or properties that can be typed. Used by the page of a new connector and the Config tab.
 * Invariants: while the text cannot be read, the draft keeps its last good state and the text says why;
 * a draft that changes elsewhere is shown anew by another `key`.
 * Spec: ui 5.4 (JSON and Properties edit the same draft).
 */
import { useState } from 'react'
import { CodeEditor } from '../parts/lazy-editor.tsx'
import { formatConfig, parseOne, type TextFormat } from './config-text.ts'
import type { Config } from './connector-queries.ts'

interface ConfigTextViewProps {
  readonly format: TextFormat
  readonly draft: Config
  readonly label: string
  /** Undefined: it is only read. */
  readonly onChange: ((draft: Config) => void) | undefined
  /** Whether the text can be read. */
  readonly onReadable?: (isReadable: boolean) => void
}

export function ConfigTextView(props: ConfigTextViewProps) {
  const { format, draft, label, onChange, onReadable } = props
  const [text, setText] = useState(() => formatConfig(draft, format))
  const [problem, setProblem] = useState<string | undefined>()
  const change = (next: string) => {
    setText(next)
    try {
      onChange?.(parseOne(next, format))
      setProblem(undefined)
      onReadable?.(true)
    } catch (error) {
      setProblem(`${(error as Error).message} The last readable state is kept.`)
      onReadable?.(false)
    }
  }
  return (
    <>
      <CodeEditor
        value={text}
        {...(onChange === undefined ? {} : { onChange: change })}
        label={label}
        testId="config-editor"
      />
      {problem !== undefined && (
        <p className="sc-problem" role="alert" data-testid="config-problem">
          {problem}
        </p>
      )}
    </>
  )
}
