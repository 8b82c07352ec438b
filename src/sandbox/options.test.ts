import { describe, expect, it } from 'vitest'
import { ScamanderError } from '../base/scamander-error.ts'
import { cacheFolder, renderPom } from './jar-cache.ts'
import { javaMajor } from './java.ts'
import { renderLog4j, renderServerProperties } from './kafka-broker.ts'
import { checkOptions, type SandboxOptions } from './options.ts'
import { CASSANDRA_LINES, cassandraRelease, KAFKA_RELEASE } from './release.ts'

describe('checkOptions', () => {
  it('fills in the defaults', () => {
    expect(checkOptions({})).toEqual({
      cassandra: '5.0',
      nodes: 1,
      auth: false,
      tls: false,
      tlsClientAuth: false,
      kafka: true,
      heapMb: 1024,
      datacenter: 'datacenter1',
      storageCompatibilityMode: 'NONE',
      commitlogSync: 'periodic',
    })
    expect(checkOptions({ nodes: 3 }).heapMb).toBe(768)
    expect(checkOptions({ tlsClientAuth: true }).tls).toBe(true)
    expect(checkOptions({ cassandra: false }).cassandra).toBe(false)
  })

  it.each([
    [{ cassandra: '3.11' }, 'cassandra: expected one of 5.0, 4.1, 4.0, found "3.11"'],
    [{ cassandra: false, kafka: false }, 'nothing to start'],
    [{ nodes: 0 }, 'nodes: expected a whole number from 1 to 3, found 0'],
    [{ nodes: 4 }, 'found 4'],
    [{ nodes: Number.NaN }, 'found NaN'],
    [{ heapMb: 64 }, 'heapMb: expected a whole number from 256'],
    [{ datacenter: "dc'1" }, 'datacenter'],
    [{ storageCompatibilityMode: 'NEW' }, 'NONE, UPGRADING, CASSANDRA_4'],
    [{ commitlogSync: 'group' }, 'periodic, batch'],
    [{ ports: { kafka: 70_000 } }, 'ports.kafka: expected a whole number from 1 to 65535'],
  ])('refuses %j', (options, message) => {
    const check = () => checkOptions(options as SandboxOptions)
    expect(check).toThrow(message)
    expect(check).toThrow(ScamanderError)
  })
})

describe('releases', () => {
  it('pins every line to an exact version of that line', () => {
    for (const line of CASSANDRA_LINES) {
      const release = cassandraRelease(line)
      expect(release.version.startsWith(`${line}.`)).toBe(true)
      expect(release.key).toBe(`cassandra-${release.version}`)
    }
  })

  it('names every artefact in the project file', () => {
    const pom = renderPom(KAFKA_RELEASE)
    for (const { group, name, version } of KAFKA_RELEASE.artefacts) {
      const lines = `<groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version>`
      expect(pom).toContain(`<dependency>${lines}</dependency>`)
    }
  })
})

describe('cacheFolder', () => {
  it.each([
    [{ SCAMANDER_CACHE: '/own', XDG_CACHE_HOME: '/xdg' }, '/own'],
    [{ XDG_CACHE_HOME: '/xdg' }, '/xdg/scamander'],
  ])('takes %j', (env, expected) => {
    expect(cacheFolder(env)).toBe(expected)
  })

  it('falls back to the home folder', () => {
    expect(cacheFolder({ SCAMANDER_CACHE: '' })).toMatch(/\/\.cache\/scamander$/)
  })
})

describe('javaMajor', () => {
  it.each([
    ['openjdk version "17.0.15" 2025-04-15', 17],
    ['java version "1.8.0_402"', 8],
    ['openjdk version "25" 2025-09-16', 25],
    ['openjdk version "11.0.2" 2019-01-15', 11],
    ['command not found', undefined],
  ])('reads %s', (text, expected) => {
    expect(javaMajor(text)).toBe(expected)
  })
})

describe('the broker files', () => {
  const settings = { folder: '/s/kafka', port: 19092, controllerPort: 19093, heapMb: 512 }

  it('makes one broker its own controller', () => {
    const lines = renderServerProperties({ ...settings, properties: {} }).split('\n')
    expect(lines).toContain('process.roles=broker,controller')
    expect(lines).toContain('controller.quorum.voters=1@127.0.0.1:19093')
    expect(lines).toContain('listeners=PLAINTEXT://127.0.0.1:19092,CONTROLLER://127.0.0.1:19093')
    expect(lines).toContain('log.dirs=/s/kafka/data')
    expect(lines).toContain('log.retention.ms=-1')
  })

  it('lets a setting be replaced, once', () => {
    const properties = { 'num.partitions': '7', 'auto.create.topics.enable': 'false' }
    const lines = renderServerProperties({ ...settings, properties }).split('\n')
    expect(lines.filter(line => line.startsWith('num.partitions='))).toEqual(['num.partitions=7'])
    expect(lines).toContain('auto.create.topics.enable=false')
    expect(renderLog4j('/x/server.log')).toContain('fileName=/x/server.log\n')
  })
})
