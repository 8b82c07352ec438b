/**
 * What Capture says while there is nothing: what it is for, and the first step. Used by its tabs.
 * Invariant: the step is offered only to those who may take it.
 * Spec: ui 4.2 (empty).
 */
import { Button } from '@mantine/core'
import { Empty } from '../parts/panel.tsx'
import type { CaptureView } from './capture-view.ts'

export function NoDestination({ view }: { readonly view: CaptureView }) {
  return (
    <div className="sc-card">
      <Empty text="Capture turns each change in a table into a Kafka record, about 100 ms later.">
        {view.mayEdit && (
          <Button variant="filled" onClick={view.addDestination} data-testid="empty-add">
            Create destination
          </Button>
        )}
      </Empty>
    </div>
  )
}

/** There is somewhere to go, and nothing goes yet. */
export function NoChannel({ view }: { readonly view: CaptureView }) {
  return (
    <div className="sc-card">
      <Empty text="No table is captured yet. A channel takes the changes of one table to a destination.">
        {view.mayEdit && (
          <Button variant="filled" onClick={() => view.addChannel()} data-testid="empty-add">
            Create channel
          </Button>
        )}
      </Empty>
    </div>
  )
}
