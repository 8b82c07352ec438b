/**
 * Which connector to add: a card for each class that the server has. Route /ui/connectors/new.
 * Invariant: a class that the page does not know is offered too, under its own name.
 * Spec: ui 5.4 (add connector).
 */
import { SegmentedControl, Stack, TextInput } from '@mantine/core'
import { IconArrowBarRight, IconArrowBarToRight, IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { PluginInfo } from '../../api.ts'
import { LinkButton } from '../parts/link-button.tsx'
import { Page } from '../parts/page.tsx'
import { Empty, Panel } from '../parts/panel.tsx'
import { pluginsQuery } from './connector-queries.ts'
import { useFileDrop } from './file-drop.ts'
import { handText } from './handed-draft.ts'
import { OpenFile } from './open-file.tsx'
import { inOrder, isOlder, titleOf } from './plugin-order.ts'

export function PluginsPage() {
  const query = useQuery(pluginsQuery)
  const navigate = useNavigate()
  const toPaste = (text: string) => {
    handText(text)
    void navigate({ to: '/connectors/paste' })
  }
  useFileDrop(toPaste)
  return (
    <Page
      id="connector-new"
      title="Add Connector"
      section="Connectors"
      loading={query.isPending}
      actions={
        <>
          <LinkButton to="/connectors/paste">Paste a config</LinkButton>
          <OpenFile onText={toPaste} />
        </>
      }
    >
      <Panel query={query} what="the plugins">
        {plugins => <Plugins plugins={plugins} />}
      </Panel>
    </Page>
  )
}

function Plugins({ plugins }: { readonly plugins: readonly PluginInfo[] }) {
  const [type, setType] = useState('all')
  const [text, setText] = useState('')
  const shown = inOrder(plugins).filter(
    plugin =>
      (type === 'all' || plugin.type === type) &&
      `${plugin.class} ${titleOf(plugin)?.join(' ') ?? ''}`
        .toLowerCase()
        .includes(text.toLowerCase()),
  )
  return (
    <Stack gap={0}>
      <div className="sc-toolbar">
        <TextInput
          value={text}
          onChange={event => setText(event.currentTarget.value)}
          placeholder="Search"
          aria-label="Search plugins"
          data-testid="search"
          leftSection={<IconSearch size={16} stroke={1.5} />}
        />
        <SegmentedControl
          aria-label="Type"
          value={type}
          onChange={setType}
          data={[
            { value: 'all', label: 'All' },
            { value: 'sink', label: 'Sink' },
            { value: 'source', label: 'Source' },
          ]}
        />
      </div>
      {shown.length === 0 ? (
        <Empty text="No plugin matches." />
      ) : (
        <div className="sc-cards">
          {shown.map(plugin => (
            <PluginCard key={plugin.class} plugin={plugin} />
          ))}
        </div>
      )}
    </Stack>
  )
}

function PluginCard({ plugin }: { readonly plugin: PluginInfo }) {
  const simple = plugin.class.split('.').at(-1) ?? plugin.class
  const [title, text] = titleOf(plugin) ?? [simple, undefined]
  const Icon = plugin.type === 'sink' ? IconArrowBarToRight : IconArrowBarRight
  return (
    <section
      className="sc-card sc-card-body sc-plugin"
      data-testid="plugin-card"
      data-key={plugin.class}
    >
      <h2 className="sc-card-title">
        <Icon size={20} stroke={1.5} aria-hidden /> {title}
      </h2>
      {text !== undefined && <p>{text}</p>}
      <p className="sc-mono sc-quiet">{plugin.class}</p>
      {isOlder(plugin) && <p className="sc-quiet">An older name of the same connector.</p>}
      <div className="sc-plugin-foot">
        <span className="sc-quiet">
          {plugin.type} · {plugin.version}
        </span>
        <LinkButton
          to="/connectors/new/$plugin"
          params={{ plugin: plugin.class }}
          aria-label={`Connect: ${title}`}
          data-testid="plugin-connect"
        >
          Connect
        </LinkButton>
      </div>
    </section>
  )
}
