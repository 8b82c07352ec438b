import { expect, it } from 'vitest'
import { matching } from './palette-match.ts'

const entries = [
  { title: 'Backlog every minute', kind: 'Job' },
  { title: 'not-mine', kind: 'Connector' },
  { title: 'mine-too', kind: 'Connector' },
  { title: 'Mine', kind: 'Connector' },
  { title: 'Mine all', kind: 'Command' },
]
const data = [
  { title: 'mine', kind: 'Topic' },
  { title: 'ops.mine_all', kind: 'Table · here' },
]
const titles = (text: string) =>
  matching(text.startsWith('#') ? [...entries, ...data] : entries, text).map(one => one.title)

it.each([
  ['mine', ['Mine', 'mine-too', 'Mine all', 'not-mine', 'Backlog every minute']],
  ['mn', ['Backlog every minute', 'not-mine', 'mine-too', 'Mine', 'Mine all']],
  ['', entries.map(one => one.title)],
  ['> mine', ['Mine all']],
  ['zebra', []],
  ['#', ['mine', 'ops.mine_all']],
  ['# ops', ['ops.mine_all']],
])('%j finds %j', (text, found) => expect(titles(text)).toEqual(found))
