/**
 * SQL with colours and completion of the tables of the source; Ctrl Enter previews.
 * Used through `SqlEditor` by the tab Query.
 * Invariant: the styles it adds carry the nonce of the page.
 * Spec: ui 4.7 (keys), 7, 8 (the test id sits on the editable element).
 */
import { sql } from '@codemirror/lang-sql'
import { useComputedColorScheme } from '@mantine/core'
import CodeMirror, { EditorView, keymap, Prec } from '@uiw/react-codemirror'
import { useMemo, useRef } from 'react'
import { pageNonce } from '../parts/nonce.ts'

export interface SqlEditorProps {
  readonly value: string
  readonly onChange: (text: string) => void
  readonly label: string
  readonly testId: string
  readonly tables: readonly string[]
  readonly onRun: () => void
}

export function CodeMirrorSql(props: SqlEditorProps) {
  const { value, onChange, label, testId, tables, onRun } = props
  const colorScheme = useComputedColorScheme()
  const run = useRef(onRun)
  run.current = onRun
  const names = tables.join(' ')
  const extensions = useMemo(() => {
    const schema = Object.fromEntries(names.split(' ').map(name => [name, []]))
    const onKey = () => {
      run.current()
      return true
    }
    return [
      sql({ schema, upperCaseKeywords: true }),
      Prec.highest(keymap.of([{ key: 'Mod-Enter', run: onKey }])),
      EditorView.contentAttributes.of({
        ...{ 'data-testid': testId, 'aria-label': label, spellcheck: 'false' },
      }),
      EditorView.cspNonce.of(pageNonce()),
      EditorView.lineWrapping,
    ]
  }, [names, testId, label])
  return (
    <div className="sc-editor">
      <CodeMirror
        value={value}
        onChange={onChange}
        theme={colorScheme === 'dark' ? 'dark' : 'light'}
        minHeight="160px"
        maxHeight="60vh"
        indentWithTab={false}
        basicSetup={{ foldGutter: false, highlightActiveLine: false }}
        extensions={extensions}
      />
    </div>
  )
}
