/**
 * One topic with the tabs Records, Partitions, Config and Consumers.
 * Route /ui/data/kafka/topics/{topic}/{tab}.
 * Invariant: where the records begin, what is searched and whether they are live is in the address.
 * Spec: ui 2, 5.7.
 */
import { ActionIcon, Button, Menu, Tabs } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { Page } from '../parts/page.tsx'
import { Panel } from '../parts/panel.tsx'
import { useMay } from '../parts/session.ts'
import { toastDone, toastProblem } from '../parts/toast.ts'
import { TypeConfirmDialog } from '../parts/type-confirm-dialog.tsx'
import './data.css'
import { DataSwitch } from './data-head.tsx'
import { consumersQuery, deleteTopic, kafkaQuery, topicQuery, topicsQuery } from './data-queries.ts'
import { toGrouped } from './data-text.ts'
import { ProduceDialog } from './produce-dialog.tsx'
import { RecordsTab } from './records-tab.tsx'
import { ConfigTab, ConsumersTab, PartitionsTab } from './topic-tabs.tsx'
import { NotSetUp } from './topics-page.tsx'

const TABS = [
  ['records', 'Records'],
  ['partitions', 'Partitions'],
  ['config', 'Config'],
  ['consumers', 'Consumers'],
] as const

export function DataTopicPage() {
  const { topic = '', tab = 'records' } = useParams({ strict: false })
  const kafka = useQuery(kafkaQuery)
  const isSetUp = kafka.data?.isSetUp !== false
  const query = useQuery({ ...topicQuery(topic), enabled: isSetUp })
  const navigate = useNavigate()
  const mayChange = useMay('standard')
  const open = (next: string | null) =>
    void navigate({
      to: '/data/kafka/topics/$topic/$tab',
      params: { topic, tab: next ?? 'records' },
    })
  return (
    <Page
      id="data-kafka"
      title={topic}
      section="Data"
      loading={isSetUp && query.isPending}
      actions={
        <>
          {mayChange && query.data !== undefined && <Acts topic={topic} />}
          <DataSwitch />
        </>
      }
    >
      {isSetUp ? (
        <Panel query={query} what={`the topic ${topic}`}>
          {detail => (
            <Tabs value={tab} onChange={open} keepMounted={false}>
              <Tabs.List mb="lg">
                {TABS.map(([key, title]) => (
                  <Tabs.Tab key={key} value={key} data-testid={`tab-${key}`}>
                    {title}
                  </Tabs.Tab>
                ))}
              </Tabs.List>
              <Tabs.Panel value="records">
                <RecordsTab key={topic} topic={topic} partitions={detail.partitions.length} />
              </Tabs.Panel>
              <Tabs.Panel value="partitions">
                <PartitionsTab detail={detail} />
              </Tabs.Panel>
              <Tabs.Panel value="config">
                <ConfigTab detail={detail} />
              </Tabs.Panel>
              <Tabs.Panel value="consumers">
                <ConsumersTab topic={topic} />
              </Tabs.Panel>
            </Tabs>
          )}
        </Panel>
      ) : (
        <NotSetUp />
      )}
    </Page>
  )
}

function Acts({ topic }: { readonly topic: string }) {
  const [asked, setAsked] = useState<'produce' | 'delete' | undefined>(undefined)
  const client = useQueryClient()
  const navigate = useNavigate()
  const remove = useMutation({
    mutationFn: () => deleteTopic(topic),
    onSuccess: () => {
      toastDone(`Topic ${topic} was deleted.`)
      void client.invalidateQueries({ queryKey: topicsQuery.queryKey })
      void navigate({ to: '/data/kafka/topics' })
    },
    onError: error => toastProblem(`Topic ${topic} was not deleted`, error),
  })
  return (
    <>
      <Button onClick={() => setAsked('produce')} data-testid="record-produce">
        Produce…
      </Button>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" aria-label="More acts" data-testid="topic-more">
            <IconDots size={16} stroke={1.5} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item color="error" onClick={() => setAsked('delete')} data-testid="topic-delete">
            Delete topic…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ProduceDialog
        topic={topic}
        opened={asked === 'produce'}
        onClose={() => setAsked(undefined)}
      />
      <TypeConfirmDialog
        opened={asked === 'delete'}
        title={`Delete topic ${topic}?`}
        text={<DeleteText topic={topic} />}
        name={topic}
        verb="Delete topic"
        busy={remove.isPending}
        onConfirm={() => remove.mutate()}
        onClose={() => setAsked(undefined)}
      />
    </>
  )
}

const READERS = 5

/** What goes, and who will miss it. */
function DeleteText({ topic }: { readonly topic: string }) {
  const { data: detail } = useQuery(topicQuery(topic))
  const { data: consumers } = useQuery(consumersQuery(topic))
  const counts = detail?.partitions.map(one => BigInt(one.end) - BigInt(one.start)) ?? []
  const count = counts.reduce((sum, one) => sum + one, 0n)
  const groups = consumers?.items.map(one => one.group) ?? []
  return (
    <>
      {detail === undefined ? 'All its records go' : `About ${toGrouped(String(count))} records go`}{' '}
      at once, and what reads or writes it fails.{' '}
      {groups.length > 0 && (
        <>
          Read by <bdi>{groups.slice(0, READERS).join(', ')}</bdi>
          {groups.length > READERS && ` and ${groups.length - READERS} more`}.{' '}
        </>
      )}
      There is no way back.
    </>
  )
}
