/**
 * The editor, loaded when it is first shown. Used instead of `CodeMirrorEditor` everywhere.
 * Invariant: the space of the editor is kept while it loads, so that nothing jumps.
 * Spec: ui 7 (the editor is a chunk of its own).
 */
import { Skeleton } from '@mantine/core'
import { lazy, Suspense } from 'react'
import type { CodeEditorProps } from './code-editor.tsx'

const Editor = lazy(async () => ({ default: (await import('./code-editor.tsx')).CodeMirrorEditor }))

export function CodeEditor(props: CodeEditorProps) {
  return (
    <Suspense fallback={<Skeleton height={props.minHeight ?? 240} />}>
      <Editor {...props} />
    </Suspense>
  )
}
