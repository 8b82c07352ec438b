import { describe, expect, it } from 'vitest'
import { type Level, LogLevels } from './log-levels.ts'
import { Logger } from './logger.ts'

describe('LogLevels', () => {
  it('counts the nearest level, and forgets those below one that is set', () => {
    const levels = new LogLevels('info')
    levels.know('scamander.connect')
    levels.know('scamander.connect.a b')
    expect(levels.levelOf('scamander.connect.a b')).toBe('info')
    expect(levels.set('scamander.connect', 'debug', 5)).toEqual([
      'scamander.connect',
      'scamander.connect.a b',
    ])
    expect(levels.levelOf('scamander.connect.a b')).toBe('debug')
    expect(levels.levelOf('scamander.cassandra')).toBe('info')
    levels.set('scamander.connect.a b', 'error')
    expect(levels.levelOf('scamander.connect')).toBe('debug')
    levels.set('root', 'warn', 7)
    expect(levels.levelOf('scamander.connect.a b')).toBe('warn')
    expect(levels.get('scamander.connect')).toEqual({
      name: 'scamander.connect',
      level: 'warn',
      modifiedAtMs: 7,
    })
  })

  it("knows Kafka's names", () => {
    const levels = new LogLevels('info')
    levels.know('scamander.connect')
    levels.know('scamander.server')
    expect(levels.set('org.apache.kafka.connect', 'trace')).toEqual([
      'org.apache.kafka.connect',
      'scamander.connect',
      'scamander.server',
    ])
    expect(levels.levelOf('scamander.server')).toBe('trace')
    expect(levels.set('org.apache.kafka.connect.runtime.rest', 'off')).toEqual([
      'org.apache.kafka.connect.runtime.rest',
      'scamander.server',
    ])
    expect([levels.levelOf('scamander.server'), levels.levelOf('scamander.connect')]).toEqual([
      'off',
      'trace',
    ])
  })

  it('tells nothing of names that nobody uses, and keeps a bounded number', () => {
    const levels = new LogLevels('info')
    expect(levels.get('scamander.nothing')).toBeUndefined()
    expect(levels.list()).toEqual([{ name: 'root', level: 'info', modifiedAtMs: undefined }])
    for (let i = 0; i < 2_000; i++) levels.set(`a${i}`, 'debug')
    expect(levels.list().length).toBe(1_000)
    expect(levels.set('one-more', 'debug')).toBeUndefined()
    expect(levels.set('root', 'warn')).toContain('a1')
  })
})

it('a logger follows the level of its name', () => {
  const lines: [unknown, Level][] = []
  const root = Logger.create({ sink: (line, level) => lines.push([line['msg'], level]) })
  const one = root.child({ room: 'connect', connector: 'one' })
  const other = root.child({ room: 'connect', connector: 'other' })
  one.debug('dropped')
  root.levels.set('scamander.connect.one', 'debug')
  one.debug('kept')
  one.child({ task: 1 }).debug('kept too')
  other.debug('dropped')
  expect(lines).toEqual([
    ['kept', 'debug'],
    ['kept too', 'debug'],
  ])
})
