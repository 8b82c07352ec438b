/**
 * What happened to a connector since the worker started: who did what, and how its states changed.
 * Used by the connector page. Invariant: what happened by itself has no name beside it.
 * Spec: ui 5.4 (activity).
 */
import { useQuery } from '@tanstack/react-query'
import { ColumnHeads } from '../parts/column-heads.tsx'
import { toAgo, toLocal } from '../parts/format.ts'
import { Empty, Panel } from '../parts/panel.tsx'
import { ScrollCard } from '../parts/scroll-card.tsx'
import { activityQuery } from './inside-queries.ts'

export function ActivityTab({ name }: { readonly name: string }) {
  const query = useQuery(activityQuery(name))
  return (
    <Panel query={query} what="the activity">
      {events => (
        <ScrollCard label="Activity">
          {events.length === 0 ? (
            <Empty text="Nothing happened since the worker started. Edits, restarts and changes of state appear here." />
          ) : (
            <table className="sc-grid">
              <ColumnHeads columns={['When', 'What', 'By']} />
              <tbody>
                {events.map(({ at, by, kind, text }) => (
                  <tr key={`${at} ${text}`} data-testid="activity-row" data-key={kind}>
                    <td title={toLocal(at)}>{toAgo(at)}</td>
                    <td className="sc-wrap">{text}</td>
                    <td>{by}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </ScrollCard>
      )}
    </Panel>
  )
}
