import { describe, expect, it } from 'vitest'
import { SOURCE, TARGET } from '../cluster.ts'
import { readProxySettings } from './read-settings.ts'

const read = (line: string) => readProxySettings(line.split(' ').filter(part => part !== ''))

describe('command lines of the Azure proxy', () => {
  it('takes the defaults', () => {
    const settings = read('10.0.0.1 10.0.0.2')
    expect(settings).toMatchObject({
      source: { host: '10.0.0.1', port: 9042, label: 'source node' },
      target: { host: '10.0.0.2', port: 9042, label: 'target node' },
      proxyPort: 29042,
      isWaiting: true,
      threads: 1,
      metricsPort: 28000,
      writeBufferBytes: 65536,
      primary: SOURCE,
      readMode: 'primary',
      targetFailure: 'log',
      targetConsistency: -1,
    })
    expect(settings.source.tls).toEqual({
      ca: undefined,
      cert: undefined,
      key: undefined,
      isHostnameVerified: false,
    })
  })

  it.each([
    ['--source-port 9043 a b', { source: { port: 9043 } }],
    ['a b --proxy-host 127.0.0.1', { proxyHost: '127.0.0.1' }],
    ['a b --source-port=9043 -p 9042', { source: { port: 9043 }, proxyPort: 9042 }],
    ['a b -W false -t 4 -mp 28001', { isWaiting: false, threads: 4, metricsPort: 28001 }],
    ['--wait YES a b', { isWaiting: true }],
    ['a b --wait --threads 2', { isWaiting: true, threads: 2 }],
    ['a b --metrics=off', { metricsPort: undefined }],
    ['--protocol-version 4 3 a b', { protocolVersions: [4, 3], source: { host: 'a' } }],
    ['a b --protocol-version 4 --protocol-version 3', { protocolVersions: [4, 3] }],
    [
      '--cql-version 3.4.5 --compression LZ4 snappy a b',
      { cqlVersions: ['3.4.5'], compressions: ['lz4', 'snappy'] },
    ],
    [
      'a b --disable-source-tls true --disable-target-tls 1',
      { source: { tls: undefined }, target: { tls: undefined } },
    ],
    ['a b --ghostIps {"10.0.0.1":"10.0.0.9"}', { ghostIps: { '10.0.0.1': '10.0.0.9' } }],
    [
      'a b --target-username u --target-password p',
      { targetLogin: { username: 'u', password: 'p' } },
    ],
    ['a b --uuid true', { isReplacingFunctions: true }],
    [
      'a b --wait false --journal j --write-ahead true --journal-mb 5',
      { journal: { dir: 'j', bytesMax: 5_242_880, isWriteAhead: true, isRefusing: true } },
    ],
    ['a b --primary target --target-cl local_one', { primary: TARGET, targetConsistency: 10 }],
  ])('%s', (line, expected) => {
    expect(read(line)).toMatchObject(expected)
  })

  it.each([
    ['', /source and target/],
    ['a', /target after source/],
    ['a b c', /found c too/],
    ['a b --nonsense 1', /found --nonsense/],
    ['a b --wait perhaps', /--wait: expected true or false/],
    ['a b --source-port x', /--source-port: expected a whole number/],
    ['a b --source-port', /--source-port: expected a value/],
    ['a b --protocol-version 6', /expected 3, 4 or 5/],
    ['a b --target-username u', /both or neither/],
    ['a b --proxy-pem-keyfile k', /both or neither/],
    [
      'a b --proxy-pem-keyfile k --proxy-pem-certfile c --proxy-jks-file j',
      /PEM files or a key store/,
    ],
    ['a b --ghostIps [1]', /JSON object/],
    ['a b --ghostIps {"x":"y"}', /JSON object/],
    ['a b --filter-tables (', /regular expression/],
    ['a b --async-overflow journal', /--journal/],
    ['a b --write-ahead true --journal j', /--wait false/],
    ['a b --write-ahead true --wait false', /--journal with a folder/],
    ['a b --wait false --timestamps client', /--wait true/],
    ['a b --primary both', /one of source, target/],
    ['a b --topology 10.0.0.1,10.0.0.2 --topology-index 2', /from 0 to 1/],
    ['a b --disable-source-tls true --source-ca f', /--source-ca/],
  ])('refuses: %s', (line, message) => {
    expect(() => read(line)).toThrow(message)
  })
})
