/**
 * The proxies of a migration: their state, what may be changed in the phase, and the last hour.
 * Used by the page of a migration for the phases 1, 3, 4 and 5.
 * Invariants: one proxy is changed at a time, in their order; a proxy that does not answer shows
 * nothing but why. Spec: ui 5.6; live-migration 5.
 */
import { Button, Group, Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { MigrationInfo, MigrationProxy } from '../../api-v1-migrations.ts'
import { toCount, UNKNOWN } from '../parts/format.ts'
import { Empty, Panel } from '../parts/panel.tsx'
import { ScrollCard } from '../parts/scroll-card.tsx'
import { StatusChip } from '../parts/status-chip.tsx'
import { proxiesQuery, useChangeProxy } from './migration-queries.ts'
import { ProxyAddresses } from './proxy-addresses.tsx'
import { ProxyCharts } from './proxy-charts.tsx'

interface ProxyPanelProps {
  readonly info: MigrationInfo
  readonly phase: number
  /** The phase is open, and whoever looks may act. */
  readonly mayAct: boolean
}

const NO_PROXIES =
  'This migration names no proxy yet. Start them, then name the addresses of their metrics ports.'

export function ProxyPanel({ info, phase, mayAct }: ProxyPanelProps) {
  const hasProxies = info.proxies.length > 0
  const query = useQuery({ ...proxiesQuery(info.name), enabled: hasProxies })
  const addresses = mayAct && phase === 1 && <ProxyAddresses info={info} />
  if (!hasProxies) {
    return (
      <div className="sc-stack">
        <div className="sc-card">
          <Empty text={NO_PROXIES} />
        </div>
        {addresses}
      </div>
    )
  }
  return (
    <Panel query={query} what="the proxies">
      {({ items, history }) => (
        <div className="sc-stack">
          <ProxyTable info={info} phase={phase} mayAct={mayAct} proxies={items} />
          {addresses}
          <ProxyCharts phase={phase} history={history} />
        </div>
      )}
    </Panel>
  )
}

interface ProxyTableProps extends ProxyPanelProps {
  readonly proxies: readonly MigrationProxy[]
}

function ProxyTable({ info, phase, mayAct, proxies }: ProxyTableProps) {
  const isSwitching = phase === 4 && mayAct
  const isRehearsing = phase === 3 && mayAct
  const waiting = proxies.findIndex(one => one.primary !== 'target')
  return (
    <section className="sc-stack" aria-label="Proxies">
      <ScrollCard label="Proxies">
        <table className="sc-grid">
          <thead>
            <tr>
              <th>Proxy</th>
              <th>State</th>
              <th className="sc-number">Clients</th>
              <th>Reads from</th>
              <th>Read mode</th>
              <th className="sc-number">p99 source</th>
              <th className="sc-number">p99 target</th>
              <th className="sc-number">Target missed</th>
              {isSwitching && <th>Switch</th>}
            </tr>
          </thead>
          <tbody>
            {proxies.map((one, index) => (
              <tr key={one.url} data-testid="proxy-row" data-key={one.url}>
                <td className="sc-mono">{one.url}</td>
                <td>
                  <StatusChip state={one.isReady ? 'UP' : 'DOWN'} />
                  {one.problem !== null && <div className="sc-problem">{one.problem}</div>}
                </td>
                <td className="sc-number">{known(one, toCount(one.clients))}</td>
                <td data-column="primary">{known(one, one.primary)}</td>
                <td>
                  {isRehearsing && one.problem === null ? (
                    <ReadMode name={info.name} proxy={one} />
                  ) : (
                    known(one, one.readMode)
                  )}
                </td>
                <td className="sc-number">{toMs(one.p99.source)}</td>
                <td className="sc-number">{toMs(one.p99.target)}</td>
                <td className="sc-number">{known(one, toCount(one.missedWrites))}</td>
                {isSwitching && (
                  <td>
                    <Switch
                      name={info.name}
                      proxy={one}
                      after={waiting >= 0 && index > waiting ? proxies[waiting]?.url : undefined}
                    />
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollCard>
      {isSwitching && <AllBack name={info.name} proxies={proxies} />}
    </section>
  )
}

const MODES = [
  { value: 'primary', label: 'primary: off' },
  { value: 'dual-async', label: 'dual-async: target too' },
  { value: 'compare', label: 'compare: answers too' },
]

function ReadMode({ name, proxy }: { readonly name: string; readonly proxy: MigrationProxy }) {
  const change = useChangeProxy(name)
  return (
    <Select
      value={proxy.readMode}
      data={MODES}
      onChange={mode =>
        mode !== null &&
        change.mutate({ url: proxy.url, readMode: mode as 'primary' | 'dual-async' | 'compare' })
      }
      allowDeselect={false}
      disabled={change.isPending}
      aria-label={`Read mode of ${proxy.url}`}
      data-testid="proxy-read-mode"
      w={200}
    />
  )
}

interface SwitchProps {
  readonly name: string
  readonly proxy: MigrationProxy
  /** The one whose turn it is before. */
  readonly after: string | undefined
}

function Switch({ name, proxy, after }: SwitchProps) {
  const change = useChangeProxy(name)
  if (proxy.primary === 'target') {
    return (
      <Button
        size="xs"
        loading={change.isPending}
        onClick={() => change.mutate({ url: proxy.url, primary: 'source' })}
        data-testid="proxy-to-source"
      >
        Back
      </Button>
    )
  }
  if (after !== undefined) return <span className="sc-quiet">after {after}</span>
  return (
    <Button
      size="xs"
      loading={change.isPending}
      disabled={proxy.problem !== null}
      onClick={() => change.mutate({ url: proxy.url, primary: 'target' })}
      data-testid="proxy-to-target"
    >
      To target
    </Button>
  )
}

function AllBack({
  name,
  proxies,
}: {
  readonly name: string
  readonly proxies: readonly MigrationProxy[]
}) {
  const change = useChangeProxy(name)
  const switched = proxies.filter(one => one.primary === 'target')
  if (switched.length === 0) return undefined
  const back = async () => {
    for (const { url } of switched) await change.mutateAsync({ url, primary: 'source' })
  }
  return (
    <Group>
      <Button
        loading={change.isPending}
        onClick={() => void back().catch(() => undefined)}
        data-testid="proxies-back"
      >
        All back to source
      </Button>
    </Group>
  )
}

function known({ problem }: MigrationProxy, text: string): string {
  return problem === null ? text : UNKNOWN
}

function toMs(value: number | null): string {
  return value === null ? UNKNOWN : `${value.toFixed(value < 10 ? 1 : 0)} ms`
}
