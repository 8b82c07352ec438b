/**
 * The topics that a connector has used since the list was last reset. Used by the connector page.
 * Invariant: an empty list says when it fills.
 * Spec: ui 5.4 (topics tab); connect-rest 2.2.
 */
import { Button, Group, Stack } from '@mantine/core'
import { ColumnHeads } from '../parts/column-heads.tsx'
import { LinkButton } from '../parts/link-button.tsx'
import { May } from '../parts/may.tsx'
import { Empty, Panel } from '../parts/panel.tsx'
import { SERVES_DATA } from '../parts/served.ts'
import { useConnectorTopics, useResetTopics } from './connector-queries.ts'

export function TopicsTab({ name }: { readonly name: string }) {
  const query = useConnectorTopics(name)
  const reset = useResetTopics(name)
  return (
    <Panel query={query} what="the topics">
      {topics => (
        <Stack gap="md">
          <div className="sc-card sc-grid-scroll">
            {topics.length === 0 ? (
              <Empty text="No topic was used yet. Topics appear here with their first record." />
            ) : (
              <table className="sc-grid">
                <ColumnHeads columns={['Topic']} acts={SERVES_DATA} />
                <tbody>
                  {topics.map(topic => (
                    <tr key={topic} data-testid="topic-row" data-key={topic}>
                      <td className="sc-mono">{topic}</td>
                      {SERVES_DATA && (
                        <td>
                          <LinkButton
                            size="xs"
                            to="/data/kafka/topics/$topic/$tab"
                            params={{ topic, tab: 'records' }}
                            search={{ from: 'newest' }}
                            data-testid="topic-open"
                          >
                            Records
                          </LinkButton>
                        </td>
                      )}
                    </tr>
                  ))}
                </tbody>
              </table>
            )}
          </div>
          {topics.length > 0 && (
            <May least="standard">
              <Group>
                <Button
                  loading={reset.isPending}
                  onClick={() => reset.mutate()}
                  data-testid="topics-reset"
                >
                  Reset list
                </Button>
              </Group>
            </May>
          )}
        </Stack>
      )}
    </Panel>
  )
}
