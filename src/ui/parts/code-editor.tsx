/**
 * Text with line numbers, undo and search; loaded only where text is edited.
 * Used by the configuration tab, the form's text views and the paste page through `CodeEditor`.
 * Invariant: the styles it adds carry the nonce of the page.
 * Spec: ui 7 (chunks), 8 (the test id sits on the editable element).
 */
import { useComputedColorScheme } from '@mantine/core'
import CodeMirror, { EditorView } from '@uiw/react-codemirror'
import { pageNonce } from './nonce.ts'

export interface CodeEditorProps {
  readonly value: string
  readonly onChange?: (text: string) => void
  readonly label: string
  readonly testId: string
  readonly minHeight?: string
  readonly placeholder?: string
}

export function CodeMirrorEditor(props: CodeEditorProps) {
  const { value, onChange, label, testId, minHeight = '240px', placeholder = '' } = props
  const colorScheme = useComputedColorScheme()
  const attributes = {
    ...{ 'data-testid': testId, 'aria-label': label, spellcheck: 'false' },
    // As it is anyway, said for whoever looks for a way to scroll by keyboard.
    tabindex: '0',
  }
  return (
    <div className="sc-editor">
      <CodeMirror
        value={value}
        onChange={text => onChange?.(text)}
        readOnly={onChange === undefined}
        theme={colorScheme === 'dark' ? 'dark' : 'light'}
        minHeight={minHeight}
        maxHeight="60vh"
        placeholder={placeholder}
        indentWithTab={false}
        basicSetup={{ foldGutter: false, highlightActiveLine: false }}
        extensions={[
          EditorView.contentAttributes.of(attributes),
          EditorView.cspNonce.of(pageNonce()),
          EditorView.lineWrapping,
        ]}
      />
    </div>
  )
}
