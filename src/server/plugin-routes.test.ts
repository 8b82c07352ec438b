import { describe, expect, it } from 'vitest'
import { get, SINK, send, serve } from './test-rest.ts'

describe('plugins', () => {
  it('are listed in order, connectors alone by default', async () => {
    const { server } = serve()
    const connectors = JSON.parse((await server.inject(get('/connector-plugins'))).body)
    const sorted = (type: string) => {
      const classes = connectors
        .filter((one: { type: string }) => one.type === type)
        .map((one: { class: string }) => one.class)
      expect(classes).toEqual([...classes].sort())
      return classes
    }
    const sinks = sorted('sink')
    expect(sinks).toContain(SINK)
    expect(connectors.map((one: { class: string }) => one.class)).toEqual([
      ...sinks,
      ...sorted('source'),
    ])
    expect(Object.keys(connectors[0])).toEqual(['class', 'type', 'version'])
    const { body } = await server.inject(get('/connector-plugins?connectorsOnly=false'))
    const types = JSON.parse(body).map((one: { type: string }) => one.type)
    expect([...new Set(types)]).toEqual([
      'sink',
      'source',
      'transformation',
      'predicate',
      'converter',
      'header_converter',
    ])
  })

  it.each([SINK, 'CassandraSinkConnector', 'CassandraSink'])('%s has keys', async plugin => {
    const { server } = serve()
    const { status, body } = await server.inject(get(`/connector-plugins/${plugin}/config`))
    const names = JSON.parse(body).map((one: { name: string }) => one.name)
    expect(status).toBe(200)
    expect(names[0]).toBe('contactPoints')
    expect(names).toContain('tasks.max')
    expect(new Set(names).size).toBe(names.length)
  })

  it('validate every group of keys and hide secrets', async () => {
    const { server } = serve()
    const config = {
      name: 'a',
      'connector.class': 'CassandraSink',
      topics: 't',
      'auth.password': 'pw-1',
      'auth.username': 'u',
      maxConcurrentRequests: 'many',
      'topic.t.ks.tbl.mapping': 'a=key',
      'topic.t.codec.locale': '!',
      'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
      'value.converter.schemas.enable': 'perhaps',
      'key.converter': 'NoSuch',
      transforms: 'x',
      'transforms.x.type': 'no.Such',
      'consumer.override.max.poll.records': 'few',
      'consumer.override.session.timeout.ms': 'long',
    }
    const url = '/connector-plugins/CassandraSink/config/validate'
    const { status, body } = await server.inject(send('PUT', url, config))
    expect(status).toBe(200)
    expect(body).not.toContain('pw-1')
    const infos = JSON.parse(body)
    expect(infos.name).toBe('CassandraSink')
    const errors = infos.configs.flatMap((info: { value: { name: string; errors: string[] } }) =>
      info.value.errors.map(() => info.value.name),
    )
    expect(new Set(errors)).toEqual(
      new Set([
        'maxConcurrentRequests',
        'topic.t.codec.locale',
        'value.converter.schemas.enable',
        'key.converter',
        'transforms.x.type',
        'consumer.override.max.poll.records',
        'consumer.override.session.timeout.ms',
      ]),
    )
    expect(infos.error_count).toBe(errors.length)
  })
})
