/**
 * "Select a connector": what can be connected, as a source or as a destination. Opened by Add Connection.
 * Each leads to the form of a new connection.
 * Spec: ui 5.2; backlog-replication 2.2.
 */
import { ActionIcon, Modal, Tabs, Tooltip } from '@mantine/core'
import { IconSettings } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { ConnectorInfoV1 } from '../../api-v1.ts'
import { ColumnHeads } from '../parts/column-heads.tsx'
import { Panel } from '../parts/panel.tsx'
import { kindsQuery } from './connection-queries.ts'

interface ConnectorDialogProps {
  readonly opened: boolean
  readonly onClose: () => void
}

export function ConnectorDialog({ opened, onClose }: ConnectorDialogProps) {
  const query = useQuery(kindsQuery)
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Select a connector"
      size={720}
      closeButtonProps={{ 'aria-label': 'Close', 'data-testid': 'dialog-close' } as object}
      data-testid="dialog-connector"
    >
      <Tabs defaultValue="source" keepMounted={false}>
        <Tabs.List mb="lg">
          <Tabs.Tab value="source" data-testid="connector-tab-sources">
            Sources
          </Tabs.Tab>
          <Tabs.Tab value="destination" data-testid="connector-tab-destinations">
            Destinations
          </Tabs.Tab>
        </Tabs.List>
        {(['source', 'destination'] as const).map(direction => (
          <Tabs.Panel key={direction} value={direction}>
            <Panel query={query} what="the connectors">
              {kinds => <Kinds kinds={kinds.filter(one => one.directions.includes(direction))} />}
            </Panel>
          </Tabs.Panel>
        ))}
      </Tabs>
      <p className="sc-lead">
        Kafka topics need no connection here: they are the worker's own. Open Connectors.
      </p>
    </Modal>
  )
}

function Kinds({ kinds }: { readonly kinds: readonly ConnectorInfoV1[] }) {
  const navigate = useNavigate()
  return (
    <table className="sc-grid">
      <ColumnHeads columns={['Connector', 'What', 'Direction', 'Configure']} />
      <tbody>
        {kinds.map(one => (
          <tr key={one.kind}>
            <td>{one.title}</td>
            <td>{one.description}</td>
            <td>{one.directions.join(' and ')}</td>
            <td>
              <Tooltip label="Configure Connection">
                <ActionIcon
                  aria-label={`Configure Connection: ${one.title}`}
                  variant="default"
                  onClick={() =>
                    void navigate({ to: '/connections/new/$kind', params: { kind: one.kind } })
                  }
                  data-testid="connector-configure"
                  data-key={one.kind}
                >
                  <IconSettings size={16} stroke={1.5} />
                </ActionIcon>
              </Tooltip>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
