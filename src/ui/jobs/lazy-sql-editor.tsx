/**
 * The SQL editor, loaded when it is first shown. Used by the tab Query.
 * Invariant: the space of the editor is kept while it loads, so that nothing jumps.
 * Spec: ui 7 (the editor is a chunk of its own).
 */
import { Skeleton } from '@mantine/core'
import { lazy, Suspense } from 'react'
import type { SqlEditorProps } from './sql-editor.tsx'

const Editor = lazy(async () => ({ default: (await import('./sql-editor.tsx')).CodeMirrorSql }))

export function SqlEditor(props: SqlEditorProps) {
  return (
    <Suspense fallback={<Skeleton height={240} />}>
      <Editor {...props} />
    </Suspense>
  )
}
