/**
 * Folding of many flows, and the path that records take through several.
 */
import { describe, expect, it } from 'vitest'
import { foldFlows, pathOf, readersOfEnds } from './flow-fold.ts'
import type { Flow, FlowEnd } from './home-model.ts'

const flow = (
  name: string,
  state = 'RUNNING',
  ends: { from?: FlowEnd[]; to?: FlowEnd[] } = {},
): Flow => ({
  ...{ key: `connector ${name}`, name, kind: 'sink', state, text: 'sink, 1 task', rate: 2 },
  ...{ inRate: 2, lag: 0, deadLetters: 0, from: ends.from ?? [], to: ends.to ?? [] },
})
const many = (count: number, state = 'RUNNING') =>
  Array.from({ length: count }, (_none, at) => flow(`${state}-${at}`, state))
const names = (flows: readonly Flow[], opened?: string) =>
  foldFlows(flows, opened).map(one => ('flow' in one ? one.flow.name : one.group.name))

describe('more than forty flows', () => {
  it('fold by kind and state; what is wrong stays single', () => {
    const flows = [...many(2, 'FAILED'), ...many(190), ...many(1, 'PAUSED'), ...many(7, 'STOPPED')]
    expect(names(flows)).toEqual([
      ...['FAILED-0', 'FAILED-1', '190 sinks, running', 'PAUSED-0', '7 sinks, stopped'],
    ])
    const group = foldFlows(flows).find(one => 'group' in one)
    expect(group).toMatchObject({ group: { rate: 380 } })
    expect(names(flows, 'sink STOPPED')).toHaveLength(4 + 7)
  })

  it('are counted once each, also where one is held up', () => {
    const held = { look: 'RETRYING', text: 'Retrying: 1 record since 14:02' } as const
    const flows = [...many(41), { ...flow('slow'), held }]
    expect(names(flows)).toEqual(['41 sinks, running', 'slow'])
    expect(foldFlows(flows)[0]).toMatchObject({ group: { rate: 82 } })
  })

  it('are what it takes', () => expect(names(many(40))).toHaveLength(40))
})

describe('a path', () => {
  const [topic, table, captured, out, other]: FlowEnd[] = [
    { kind: 'topic', name: 't' },
    { kind: 'table', name: 'k.t' },
    { kind: 'topic', name: 'cdc' },
    { kind: 'table', name: 'k.out' },
    { kind: 'unknown', name: '' },
  ]
  const flows = [
    flow('first', 'RUNNING', { from: [topic!], to: [table!] }),
    flow('second', 'RUNNING', { from: [table!], to: [captured!] }),
    flow('third', 'RUNNING', { from: [captured!], to: [out!] }),
    flow('side', 'RUNNING', { from: [topic!], to: [other!] }),
    flow('blank', 'RUNNING', { from: [other!], to: [other!] }),
  ]

  it('has what comes before and what goes on, not what goes aside', () => {
    expect([...pathOf(flows[1]!, flows)].sort()).toEqual(
      ['first', 'second', 'third'].map(name => `connector ${name}`),
    )
    expect(
      readersOfEnds(flows)
        .get('table k.t')
        ?.map(one => one.name),
    ).toEqual(['second'])
  })
})
