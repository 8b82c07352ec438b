import { describe, expect, it } from 'vitest'
import { chooseTracing } from './tracing-settings.ts'

const settingsOf = (keys: Parameters<typeof chooseTracing>[0], env = {}) =>
  chooseTracing(keys, env).settings

describe('traces are on', () => {
  it.each([
    ['nothing is said', {}, {}, false],
    ['an endpoint is set', {}, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' }, true],
    ['an endpoint of traces', {}, { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c/t' }, true],
    ['an empty endpoint', {}, { OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }, false],
    ['the exporter is named', {}, { OTEL_TRACES_EXPORTER: 'otlp' }, true],
    ['one of several', {}, { OTEL_TRACES_EXPORTER: 'console,otlp' }, true],
    [
      'none, with an endpoint',
      {},
      { OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c' },
      false,
    ],
    [
      'the SDK is off',
      {},
      { OTEL_SDK_DISABLED: 'TRUE', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c' },
      false,
    ],
    ['the key has an endpoint', { endpoint: 'http://c:4318' }, {}, true],
    ['the key says so', { exporter: 'otlp' as const }, { OTEL_TRACES_EXPORTER: 'none' }, true],
    ['the key says no', { exporter: 'none' as const }, { OTEL_TRACES_EXPORTER: 'otlp' }, false],
  ])('%s', (_what, keys, env, isOn) => {
    expect(settingsOf(keys, env) !== undefined).toBe(isOn)
  })
})

describe('settings', () => {
  it('are those of OpenTelemetry when only the exporter is named', () => {
    expect(settingsOf({ exporter: 'otlp' })).toEqual({
      url: undefined,
      headers: undefined,
      protocol: 'http/protobuf',
      serviceName: undefined,
      sampler: 'parentbased_always_on',
      ratio: 1,
      queueMax: 2048,
      batchMax: 512,
      delayMs: 1000,
    })
  })

  it('come from variables', () => {
    const env = {
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_TRACES_SAMPLER: 'traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.25',
      OTEL_BSP_MAX_QUEUE_SIZE: '100',
      OTEL_BSP_SCHEDULE_DELAY: '50',
    }
    expect(settingsOf({}, env)).toMatchObject({
      protocol: 'http/json',
      sampler: 'traceidratio',
      ratio: 0.25,
      queueMax: 100,
      batchMax: 100,
      delayMs: 50,
    })
  })

  it('come from keys first', () => {
    const env = { OTEL_TRACES_SAMPLER: 'always_off', OTEL_TRACES_SAMPLER_ARG: '0.25' }
    const keys = {
      endpoint: 'http://c:4318/base/',
      headers: 'authorization=Bearer%20x,empty=,=none, a = b ',
      sampler: 'always_on' as const,
      samplerArg: 0.5,
    }
    expect(settingsOf(keys, env)).toMatchObject({
      url: 'http://c:4318/base/v1/traces',
      headers: { authorization: 'Bearer x', empty: '', a: 'b' },
      sampler: 'always_on',
      ratio: 0.5,
    })
  })

  it('that cannot be used are told and passed over', () => {
    const env = {
      OTEL_TRACES_EXPORTER: 'otlp,zipkin',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_TRACES_SAMPLER: 'jaeger_remote',
      OTEL_TRACES_SAMPLER_ARG: '2',
      OTEL_BSP_MAX_QUEUE_SIZE: 'many',
    }
    const { settings, warnings } = chooseTracing({}, env)
    expect(settings).toEqual(settingsOf({ exporter: 'otlp' }))
    const names = warnings.map(text => text.split(':')[0]).sort()
    expect(names).toEqual([
      'OTEL_BSP_MAX_QUEUE_SIZE',
      'OTEL_EXPORTER_OTLP_PROTOCOL',
      'OTEL_TRACES_EXPORTER',
      'OTEL_TRACES_SAMPLER',
      'OTEL_TRACES_SAMPLER_ARG',
    ])
  })
})
