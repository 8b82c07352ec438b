/**
 * The topics that a connector has used since the list was last reset, with the tables they go to and the
 * records per second of each. Used by the connector page.
 * Invariants: an empty list says when it fills; a rate that was not measured is a dash.
 * Spec: ui 5.4 (topics tab); connect-rest 2.2.
 */
import { Button, Group, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { TableRate } from '../../api-v1-connectors.ts'
import { rateText } from '../home/home-model.ts'
import { ColumnHeads } from '../parts/column-heads.tsx'
import { toCount, UNKNOWN } from '../parts/format.ts'
import { LinkButton } from '../parts/link-button.tsx'
import { May } from '../parts/may.tsx'
import { Empty, Panel } from '../parts/panel.tsx'
import { SERVES_DATA } from '../parts/served.ts'
import {
  type Config,
  useConnectorConfig,
  useConnectorTopics,
  useResetTopics,
} from './connector-queries.ts'
import { tablesQuery } from './inside-queries.ts'
import { TableLink } from './table-link.tsx'

const NUMBERS = ['Records/s', 'Records', 'Failed']
const COLUMNS = ['Topic', 'Table', ...NUMBERS]

export function TopicsTab({ name }: { readonly name: string }) {
  const query = useConnectorTopics(name)
  const { data: rates = [] } = useQuery(tablesQuery(name))
  const { data: config = {} } = useConnectorConfig(name)
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
                <ColumnHeads columns={COLUMNS} numbers={NUMBERS} acts={SERVES_DATA} />
                <tbody>
                  {topics.map(topic => (
                    <TopicRows key={topic} topic={topic} rates={rates} config={config} />
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

interface TopicRowsProps {
  readonly topic: string
  readonly rates: readonly TableRate[]
  readonly config: Config
}

/** One per table; a topic of a source has none. */
function TopicRows({ topic, rates, config }: TopicRowsProps) {
  const own = rates.filter(one => one.topic === topic)
  const rows: readonly (TableRate | undefined)[] = own.length === 0 ? [undefined] : own
  return rows.map((one, index) => (
    <tr key={one?.table ?? ''} data-testid="topic-row" data-key={topic}>
      <td className="sc-mono">
        <bdi>{topic}</bdi>
      </td>
      <td className="sc-mono" data-column="table">
        <bdi>{one?.table ?? UNKNOWN}</bdi>
      </td>
      <td className="sc-number" data-column="rate">
        {rateText(one?.rate ?? undefined)}
      </td>
      <td className="sc-number" data-column="records">
        {toCount(one?.records)}
      </td>
      <td className="sc-number" data-column="failed">
        {toCount(one?.failed)}
      </td>
      {SERVES_DATA && (
        <td>
          <Group gap="sm" wrap="nowrap">
            {index === 0 && (
              <LinkButton
                size="xs"
                to="/data/kafka/topics/$topic/$tab"
                params={{ topic, tab: 'records' }}
                search={{ from: 'newest' }}
                data-testid="topic-open"
              >
                Records
              </LinkButton>
            )}
            {one !== undefined && (
              <TableLink
                config={config}
                table={one.table}
                text="Rows"
                testId="table-open"
                isSmall
              />
            )}
          </Group>
        </td>
      )}
    </tr>
  ))
}
