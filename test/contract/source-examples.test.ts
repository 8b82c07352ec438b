/**
 * The example configurations of sources have no mistake, and old spellings mean what they meant.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { readConfigFile, sourceOf } from '../../src/config/index.ts'
import { evaluateConnector } from '../../src/connect/index.ts'
import { parseKcqlSource } from '../../src/source/index.ts'

const FOLDER = fileURLToPath(new URL('../../examples/sources', import.meta.url))
const files = readdirSync(FOLDER).filter(name => /\.(json|properties)$/.test(name))
const foreign = { isForeignKey: () => true }

describe('examples/sources', () => {
  it.each(files)('%s has no mistake', name => {
    const { lints, connectorClass } = evaluateConnector(readConfigFile(join(FOLDER, name)))
    expect(lints.filter(lint => lint.severity === 'error')).toEqual([])
    expect(connectorClass?.type).toBe('source')
  })

  it('keys of the first releases give the plan of today', () => {
    const old = readConfigFile(join(FOLDER, 'orders-datamountaineer.properties'))
    const today = sourceOf({
      'connect.cassandra.kcql':
        'INSERT INTO order-log-topic SELECT * FROM order_log PK created INCREMENTALMODE=TIMEUUID',
      'connect.cassandra.import.poll.interval': '10000',
      'connect.cassandra.contact.points': '127.0.0.1',
      'connect.cassandra.key.space': 'demo',
    })
    const [oldPlan, newPlan] = [old, today].map(source => parseKcqlSource(source, foreign))
    expect(oldPlan!.statements).toEqual(newPlan!.statements)
    expect(oldPlan!.statements[0]).toMatchObject({ mode: 'timeuuid', keyColumn: 'created' })
    expect(oldPlan!.settings.pollIntervalMs).toBe(10_000)
  })

  it.each<[string, Record<string, string>, string]>([
    ['import.mode=bulk', { 'connect.cassandra.import.mode': 'bulk' }, 'bulk'],
    [
      'the timestamp type of 0.2.5',
      {
        'connect.cassandra.import.mode': 'incremental',
        'connect.cassandra.source.timestamp.type': 'TIMESTAMP',
      },
      'timestamp',
    ],
    ['nothing', {}, 'bulk'],
  ])('a statement without a mode is read as %s says', (_what, more, mode) => {
    const source = sourceOf({
      'connect.cassandra.source.kcql': 'INSERT INTO t SELECT * FROM u PK c',
      'connect.cassandra.key.space': 'ks',
      ...more,
    })
    expect(parseKcqlSource(source, foreign).statements[0]!.mode).toBe(mode)
  })
})
