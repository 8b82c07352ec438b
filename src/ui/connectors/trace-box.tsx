/**
 * Why something failed: the cause in one line, what to do, and the whole trace folded.
 * Used by the tabs Overview and Tasks.
 * Spec: ui 5.4 (tasks tab).
 */
import { Button, Group } from '@mantine/core'
import { toClipboard } from '../parts/clipboard.ts'
import { causeOf } from './connector-state.ts'

export function TraceBox({ trace }: { readonly trace: string }) {
  const lines = trace.trimEnd().split('\n').length
  return (
    <div>
      <p className="sc-cause" data-testid="trace-advice">
        {causeOf(trace)}
      </p>
      <details data-testid="task-trace">
        <summary>Trace, {lines === 1 ? '1 line' : `${lines} lines`}</summary>
        <pre className="sc-trace">{trace}</pre>
        <Group mt="sm">
          <Button size="xs" onClick={() => void toClipboard(trace)}>
            Copy
          </Button>
        </Group>
      </details>
    </div>
  )
}
