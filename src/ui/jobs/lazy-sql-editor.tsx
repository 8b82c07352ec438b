/**
 * The SQL editor, loaded when it is first shown. Used by the tab Query.
 * Invariant: the space of the editor is kept while it loads, so that nothing jumps.
 * Spec: ui 7 (the editor is a chunk of its own).
 */
import { Skeleton } from '@mantine/core'
import { Suspense } from 'react'
import { lazyPart } from '../parts/lazy-part.tsx'
import type { SqlEditorProps } from './sql-editor.tsx'

const Editor = lazyPart(async () => (await import('./sql-editor.tsx')).CodeMirrorSql)

export function SqlEditor(props: SqlEditorProps) {
  return (
    <Suspense fallback={<Skeleton height={240} />}>
      <Editor {...props} />
    </Suspense>
  )
}
