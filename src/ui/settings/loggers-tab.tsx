/**
 * Levels of loggers, of this worker or of all: a level holds for the name and everything below it.
 * Invariant: what is shown is what the server has; a change is read again.
 * Spec: ui 5.7, 8 (`logger-row`); connect-rest 2.5.
 */
import { Select, Switch, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { LoggerInfo } from '../../api.ts'
import { ColumnHeads } from '../parts/column-heads.tsx'
import { toAgo } from '../parts/format.ts'
import { Empty, Panel } from '../parts/panel.tsx'
import { useMay } from '../parts/session.ts'
import { toastDone } from '../parts/toast.ts'
import { loggersQuery, setLevel, useChange } from './settings-queries.ts'

const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'OFF']

export function LoggersTab() {
  const query = useQuery(loggersQuery)
  const [text, setText] = useState('')
  const [isCluster, setCluster] = useState(false)
  return (
    <div>
      <div className="sc-toolbar">
        <TextInput
          value={text}
          onChange={event => setText(event.currentTarget.value)}
          placeholder="Search"
          aria-label="Search loggers"
          leftSection={<IconSearch size={16} stroke={1.5} />}
          data-testid="search"
        />
        <Switch
          label="Change on all workers"
          checked={isCluster}
          onChange={event => setCluster(event.currentTarget.checked)}
          data-testid="field-cluster"
        />
      </div>
      <section className="sc-card" aria-label="Loggers">
        <Panel query={query} what="the loggers">
          {all => {
            const shown = Object.entries(all).filter(([name]) =>
              name.toLowerCase().includes(text.trim().toLowerCase()),
            )
            return shown.length === 0 ? (
              <Empty text="No logger matches." />
            ) : (
              <LoggerTable loggers={shown} isCluster={isCluster} />
            )
          }}
        </Panel>
      </section>
    </div>
  )
}

interface LoggerTableProps {
  readonly loggers: readonly (readonly [string, LoggerInfo])[]
  readonly isCluster: boolean
}

function LoggerTable({ loggers, isCluster }: LoggerTableProps) {
  const mayChange = useMay('admin')
  const change = useChange(setLevel, {
    ...{ key: loggersQuery.queryKey, failed: 'The level was not changed' },
    onDone: (_answer, { name, level }) => toastDone(`${name} logs at ${level} now.`),
  })
  return (
    <div className="sc-grid-scroll">
      <table className="sc-grid">
        <ColumnHeads columns={['Logger', 'Level', 'Changed']} />
        <tbody>
          {loggers.map(([name, { level, last_modified: changed }]) => (
            <tr key={name} data-testid="logger-row" data-key={name} data-state={level}>
              <td className="sc-mono">
                <bdi>{name}</bdi>
              </td>
              <td>
                {mayChange ? (
                  <Select
                    aria-label={`Level of ${name}`}
                    size="xs"
                    w={112}
                    value={level}
                    onChange={next =>
                      next !== null && change.mutate({ name, level: next, isCluster })
                    }
                    data={LEVELS}
                    allowDeselect={false}
                    renderOption={({ option }) => (
                      <span data-testid="option" data-value={option.value}>
                        {option.label}
                      </span>
                    )}
                    data-testid="logger-level"
                  />
                ) : (
                  level
                )}
              </td>
              <td>{toAgo(changed == null ? null : new Date(changed).toISOString())}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
