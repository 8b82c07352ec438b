/**
 * Rows of connections with state, age of the last test, and what can be done. Used by the list.
 * Invariant: one that jobs use is not deleted; the dialog names them.
 * Spec: ui 5.2, 8 (`connection-row`).
 */
import { ActionIcon, Badge, Group, Menu } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { ConnectionInfo } from '../../api-v1.ts'
import { ColumnHeads } from '../parts/column-heads.tsx'
import { ConfirmDialog } from '../parts/confirm-dialog.tsx'
import { toAgo, UNKNOWN } from '../parts/format.ts'
import { May } from '../parts/may.tsx'
import { StatusChip } from '../parts/status-chip.tsx'
import { useDeleteConnection, useTestConnection } from './connection-queries.ts'

const TITLES = { cassandra: 'Cassandra', backlog: 'Backlog' } as const

export function ConnectionTable({ rows }: { readonly rows: readonly ConnectionInfo[] }) {
  return (
    <div className="sc-card sc-grid-scroll">
      <table className="sc-grid">
        <ColumnHeads
          columns={['Name', 'Connector', 'Direction', 'Label', 'Status', 'Tested', 'Used by']}
          acts
        />
        <tbody>
          {rows.map(one => (
            <Row key={one.id} connection={one} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row({ connection }: { readonly connection: ConnectionInfo }) {
  const { id, name, connector, direction, labels, status, testedAt, usedBy } = connection
  return (
    <tr data-testid="connection-row" data-key={name} data-state={status}>
      <td data-column="name">
        <Link
          className="sc-link"
          to="/connections/$id"
          params={{ id }}
          data-testid="connection-open"
        >
          <bdi>{name}</bdi>
        </Link>
      </td>
      <td data-column="connector">{TITLES[connector]}</td>
      <td data-column="direction">{direction}</td>
      <td data-column="labels">
        <Group gap="xs">
          {labels.map(label => (
            <Badge key={label} variant="default" tt="none">
              {label}
            </Badge>
          ))}
        </Group>
      </td>
      <td data-column="status">
        <StatusChip state={status} />
      </td>
      <td data-column="tested" data-testid="connection-tested">
        {toAgo(testedAt)}
      </td>
      <td data-column="used">
        {usedBy.length === 0 ? UNKNOWN : usedBy.length === 1 ? '1 job' : `${usedBy.length} jobs`}
      </td>
      <td width={48}>
        <May least="standard">
          <Acts connection={connection} />
        </May>
      </td>
    </tr>
  )
}

function Acts({ connection }: { readonly connection: ConnectionInfo }) {
  const [isAsked, setIsAsked] = useState(false)
  const navigate = useNavigate()
  const test = useTestConnection()
  const remove = useDeleteConnection()
  const { name, usedBy } = connection
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label={`Acts on ${name}`} data-testid="row-menu">
            <IconDots size={16} stroke={1.5} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            onClick={() => void navigate({ to: '/connections/$id', params: { id: connection.id } })}
            data-testid="menu-item"
            data-key="edit"
          >
            Edit
          </Menu.Item>
          <Menu.Item
            onClick={() => test.mutate(connection)}
            data-testid="menu-item"
            data-key="test"
          >
            Test
          </Menu.Item>
          <Menu.Item
            color="error"
            onClick={() => setIsAsked(true)}
            data-testid="menu-item"
            data-key="delete"
          >
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ConfirmDialog
        opened={isAsked}
        title={`Delete connection ${name}?`}
        text={
          usedBy.length > 0
            ? `Used by ${usedBy.join(', ')}. Delete or change these jobs first.`
            : 'Its properties and secrets go. Tables and spaces stay as they are.'
        }
        verb="Delete connection"
        dangerous
        isRefused={usedBy.length > 0}
        busy={remove.isPending}
        onConfirm={() => remove.mutate(connection, { onSettled: () => setIsAsked(false) })}
        onClose={() => setIsAsked(false)}
      />
    </>
  )
}
