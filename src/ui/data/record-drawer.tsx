/**
 * One record whole: key, value, headers, as a tree, as text and in hex. Used by the records.
 * Invariant: it is asked for again by partition and offset, because lists hold long values cut; one that
 * retention removed meanwhile is told.
 * Spec: ui 5.7, 8 (`record-detail`).
 */
import { Button, Drawer, Group, SegmentedControl, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { RecordDetail, RecordInfo, RecordPart } from '../../api-v1-data.ts'
import { JsonTree, parseExact } from '../parts/json-tree.tsx'
import { Panel } from '../parts/panel.tsx'
import { recordQuery } from './data-queries.ts'
import { toBytes, toGrouped, toMilliseconds } from './data-text.ts'

interface RecordDrawerProps {
  readonly topic: string
  readonly record: RecordInfo | undefined
  readonly onClose: () => void
}

export function RecordDrawer({ topic, record, onClose }: RecordDrawerProps) {
  const at =
    record === undefined ? undefined : { partition: record.partition, offset: record.offset }
  const query = useQuery(recordQuery(topic, at))
  return (
    <Drawer
      opened={record !== undefined}
      onClose={onClose}
      position="right"
      size={720}
      title={
        record === undefined ? '' : `${topic}-${record.partition} @ ${toGrouped(record.offset)}`
      }
      closeButtonProps={{ 'aria-label': 'Close', 'data-testid': 'dialog-close' } as object}
      data-testid="record-drawer"
    >
      {record !== undefined && (
        <Panel query={query} what="the record">
          {detail => <Detail topic={topic} detail={detail} />}
        </Panel>
      )}
    </Drawer>
  )
}

function Detail({ topic, detail }: { readonly topic: string; readonly detail: RecordDetail }) {
  const { time, key, value, headerParts, keyHex, valueHex, partition, offset } = detail
  const file = `data:application/json;charset=utf-8,${encodeURIComponent(JSON.stringify(detail, undefined, 2))}`
  return (
    <Stack gap="lg" data-testid="record-detail" data-key={`${partition}-${offset}`}>
      <Group justify="space-between">
        <span className="sc-quiet">{time === null ? 'no time' : toMilliseconds(time)}</span>
        <Button component="a" href={file} download={`${topic}-${partition}-${offset}.json`}>
          Download
        </Button>
      </Group>
      <Part title="Value" part={value} hex={valueHex} />
      <Part title="Key" part={key} hex={keyHex} />
      <section aria-label="Headers">
        <h3 className="sc-card-title">Headers ({headerParts.length})</h3>
        {headerParts.length > 0 && (
          <dl className="sc-data-values">
            {headerParts.map((one, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: headers may have one name
              <HeaderRow key={index} name={one.name} value={one.value} />
            ))}
          </dl>
        )}
      </section>
    </Stack>
  )
}

function HeaderRow({ name, value }: { readonly name: string; readonly value: RecordPart }) {
  return (
    <>
      <dt>
        <bdi>{name}</bdi>
      </dt>
      <dd data-testid="record-header" data-key={name}>
        {value.format === 'null' ? (
          <span className="sc-quiet">NULL</span>
        ) : (
          <pre className="sc-message">
            <bdi>{value.text}</bdi>
          </pre>
        )}
      </dd>
    </>
  )
}

interface PartProps {
  readonly title: 'Key' | 'Value'
  readonly part: RecordPart
  readonly hex: string
}

const HEX_LINE = 64

function Part({ title, part, hex }: PartProps) {
  const isJson = part.format !== 'hex' && parseExact(part.text) !== undefined
  const [chosen, setChosen] = useState<string | undefined>(undefined)
  const view = chosen ?? (isJson ? 'json' : part.format === 'hex' ? 'hex' : 'text')
  if (part.format === 'null') {
    return (
      <section aria-label={title}>
        <h3 className="sc-card-title">{title}</h3>
        <span className="sc-quiet">NULL</span>
      </section>
    )
  }
  const views = [
    ...(isJson ? [{ value: 'json', label: 'JSON' }] : []),
    ...(part.format === 'hex' ? [] : [{ value: 'text', label: 'Text' }]),
    { value: 'hex', label: 'Hex' },
  ]
  const schema = part.schemaId === null ? '' : `, schema ${part.schemaId}`
  const kind = { 'json-schema': 'JSON Schema' }[part.format as string] ?? part.format
  return (
    <section
      aria-label={title}
      data-testid={`record-${title.toLowerCase()}`}
      data-state={part.format}
    >
      <Group justify="space-between" mb="sm">
        <h3 className="sc-card-title sc-data-part">
          {title}{' '}
          <span className="sc-quiet">
            {kind}
            {schema}, {toBytes(part.bytes)}
          </span>
        </h3>
        <SegmentedControl
          data={views}
          value={view}
          onChange={setChosen}
          aria-label={`${title} as`}
        />
      </Group>
      {view === 'json' ? (
        <JsonTree text={part.text} />
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached with the keys
        <pre className="sc-trace" tabIndex={0} data-testid={`record-${title.toLowerCase()}-text`}>
          {view === 'hex' ? hexLines(hex) : part.text}
        </pre>
      )}
      {part.isCut && <span className="sc-quiet">cut, {toBytes(part.bytes)} in all</span>}
    </section>
  )
}

/** 32 bytes a line, in pairs. */
function hexLines(hex: string): string {
  const lines: string[] = []
  for (let at = 0; at < hex.length; at += HEX_LINE) {
    const line = hex.slice(at, at + HEX_LINE).replace(/(..)/g, '$1 ')
    lines.push(`${(at / 2).toString(16).padStart(6, '0')}  ${line}`)
  }
  return lines.join('\n')
}
