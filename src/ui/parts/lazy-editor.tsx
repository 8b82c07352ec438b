/**
 * The editor, loaded when it is first shown. Used instead of `CodeMirrorEditor` everywhere.
 * Invariant: the space of the editor is kept while it loads, so that nothing jumps.
 * Spec: ui 7 (the editor is a chunk of its own).
 */
import { Skeleton } from '@mantine/core'
import { Suspense } from 'react'
import type { CodeEditorProps } from './code-editor.tsx'
import { lazyPart } from './lazy-part.tsx'

const Editor = lazyPart(async () => (await import('./code-editor.tsx')).CodeMirrorEditor)

export function CodeEditor(props: CodeEditorProps) {
  return (
    <Suspense fallback={<Skeleton height={props.minHeight ?? 240} />}>
      <Editor {...props} />
    </Suspense>
  )
}
