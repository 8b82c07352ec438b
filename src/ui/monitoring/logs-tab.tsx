/**
 * The log of the server, live, with level and text as filters; for administrators also who called and
 * who changed what.
 * Invariants: a bounded number of lines; lines that come while it is paused wait and are counted.
 * Spec: ui 4.3 (tails), 5.7 (Logs), 8 (`log-line`).
 */
import { Button, SegmentedControl, Select, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { AuditEntry } from '../../api-v1-access.ts'
import type { AccessLine, AppLogLine } from '../../api-v1-monitor.ts'
import { useIsRefused, useLiveItems } from '../live/use-live.ts'
import { toLocal, zoneName } from '../parts/format.ts'
import { Empty } from '../parts/panel.tsx'
import { SERVES_JOBS } from '../parts/served.ts'
import { useMay } from '../parts/session.ts'
import { accessQuery, auditQuery, logQuery, POLL_MS } from './monitoring-queries.ts'

type Log = 'application' | 'access' | 'audit'

/** A line of any of the logs: the first is the time, the last is given the room that is left. */
interface Line {
  readonly key: string
  readonly level: string
  readonly cells: readonly string[]
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const
const SHOWN = 500

export function LogsTab() {
  const isAdmin = useMay('admin')
  const [log, setLog] = useState<Log>('application')
  const logs: readonly (readonly [Log, string])[] = [
    ['application', 'Application'],
    ['access', 'Access'],
    ...(SERVES_JOBS ? ([['audit', 'Audit']] as const) : []),
  ]
  return (
    <div>
      {isAdmin && (
        <div className="sc-toolbar">
          <SegmentedControl
            aria-label="Which log"
            value={log}
            onChange={next => setLog(next as Log)}
            data={logs.map(([value, label]) => ({
              value,
              label: (
                <span data-testid="option" data-value={value}>
                  {label}
                </span>
              ),
            }))}
            data-testid="field-log"
          />
        </div>
      )}
      {log === 'application' && <Application />}
      {log === 'access' && <Access />}
      {log === 'audit' && <Audit />}
    </div>
  )
}

function Application() {
  const [isPaused, setPaused] = useState(false)
  const lines = useLines<AppLogLine>(
    'log',
    useQuery(logQuery(usePollMs('log', isPaused))).data,
    isPaused,
  )
  const heads = ['Level', 'Room', 'Object', 'Message']
  const all = lines.items.map(({ time, level, room, object, text, code }, index) => ({
    key: `${time} ${lines.items.length - index}`,
    level,
    cells: [time, level, room, object, code === null ? text : `${text} (${code})`],
  }))
  return (
    <Lines {...{ heads, all, isPaused }} waiting={lines.waiting} onPause={setPaused} hasLevels />
  )
}

function Access() {
  const [isPaused, setPaused] = useState(false)
  const lines = useLines<AccessLine>(
    'access',
    useQuery(accessQuery(usePollMs('access', isPaused))).data,
    isPaused,
  )
  const heads = ['User', 'Method', 'Status', 'Took', 'Path']
  const all = lines.items.map(({ time, user, method, path, status, ms }, index) => ({
    key: `${time} ${lines.items.length - index}`,
    level: status >= 500 ? 'error' : status >= 400 ? 'warn' : 'info',
    cells: [time, user, method, String(status), `${ms} ms`, path],
  }))
  return <Lines {...{ heads, all, isPaused }} waiting={lines.waiting} onPause={setPaused} />
}

function Audit() {
  const { data = [] } = useQuery(auditQuery)
  const heads = ['User', 'Action', 'Object', 'Detail']
  const all = data.map(({ id, time, user, action, object, detail }: AuditEntry) => ({
    key: String(id),
    level: 'info',
    cells: [time, user, action, object, detail],
  }))
  return <Lines {...{ heads, all }} isPaused={false} waiting={0} />
}

/** Read again and again only where the topic is not told live. */
function usePollMs(topic: string, isPaused: boolean): number | false {
  return useIsRefused(topic) && !isPaused ? POLL_MS : false
}

/** What the server kept, and what came since; newest first. */
function useLines<T extends { readonly time: string }>(
  topic: string,
  data: readonly T[] | undefined,
  isPaused: boolean,
) {
  const { items, waiting } = useLiveItems<T>(topic, { isPaused })
  const kept = (data ?? []).toReversed()
  const last = kept[0]?.time ?? ''
  const known = new Set(kept.filter(one => one.time === last).map(one => JSON.stringify(one)))
  const isNew = (one: T) => one.time >= last && !known.has(JSON.stringify(one))
  return { items: data === undefined ? [] : [...items.filter(isNew), ...kept], waiting }
}

interface LinesProps {
  readonly heads: readonly string[]
  readonly all: readonly Line[]
  readonly isPaused: boolean
  readonly waiting: number
  readonly hasLevels?: boolean
  readonly onPause?: (isPaused: boolean) => void
}

function Lines({ heads, all, isPaused, waiting, hasLevels = false, onPause }: LinesProps) {
  const [least, setLeast] = useState<string>('trace')
  const [text, setText] = useState('')
  const wanted = text.trim().toLowerCase()
  const rank = (level: string) => LEVELS.findIndex(one => one === level)
  const found = all.filter(
    ({ level, cells }) =>
      rank(level) >= rank(least) && cells.some(cell => cell.toLowerCase().includes(wanted)),
  )
  return (
    <>
      <div className="sc-toolbar">
        {hasLevels && (
          <Select
            aria-label="Least level"
            w={128}
            value={least}
            onChange={next => setLeast(next ?? 'trace')}
            data={LEVELS.map(value => ({ value, label: value === 'trace' ? 'All levels' : value }))}
            allowDeselect={false}
            renderOption={({ option }) => (
              <span data-testid="option" data-value={option.value}>
                {option.label}
              </span>
            )}
            data-testid="field-level"
          />
        )}
        <TextInput
          value={text}
          onChange={event => setText(event.currentTarget.value)}
          placeholder="Search"
          aria-label="Search the log"
          leftSection={<IconSearch size={16} stroke={1.5} />}
          data-testid="search"
        />
        {onPause !== undefined && (
          <Button onClick={() => onPause(!isPaused)} data-testid="log-follow">
            {isPaused ? `Resume${waiting > 0 ? ` (${waiting} new)` : ''}` : 'Pause'}
          </Button>
        )}
      </div>
      <div className="sc-card sc-grid-scroll">
        {found.length === 0 ? (
          <Empty text={all.length === 0 ? 'Nothing was logged yet.' : 'No line matches.'} />
        ) : (
          <LineTable heads={heads} lines={found.slice(0, SHOWN)} />
        )}
      </div>
      {found.length > SHOWN && (
        <p className="sc-quiet">
          The newest {SHOWN} of {found.length} lines; search for older ones.
        </p>
      )}
    </>
  )
}

function LineTable(props: { readonly heads: readonly string[]; readonly lines: readonly Line[] }) {
  return (
    <table className="sc-grid sc-log">
      <thead>
        <tr>
          <th>Time ({zoneName()})</th>
          {props.heads.map(head => (
            <th key={head}>{head}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {props.lines.map(({ key, level, cells: [time = '', ...cells] }) => (
          <tr key={key} data-testid="log-line" data-state={level}>
            <td>{toLocal(time)}</td>
            {cells.map((cell, index) => (
              <td
                key={props.heads[index]}
                className={index === cells.length - 1 ? 'sc-wrap' : ''}
                title={cell}
              >
                <bdi>{cell}</bdi>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
