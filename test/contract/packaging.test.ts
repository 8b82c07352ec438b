/**
 * The files of `deploy/`: a Dockerfile, a compose file, Kubernetes manifests and a unit of systemd, as
 * far as they can be judged without an engine. Their worker properties are read by the product itself.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { readProperties } from '../../src/config/index.ts'
import { parseDistributed } from '../../src/connect/index.ts'

const read = (name: string) =>
  readFileSync(new URL(`../../deploy/${name}`, import.meta.url), 'utf8')

const ENVIRONMENT = { KAFKA_SERVERS: 'kafka:9092', ADVERTISED_HOST: 'me', REST_TOKEN: 'secret-1' }

function expectWorker(text: string): void {
  const { settings, warnings } = parseDistributed(readProperties(text), ENVIRONMENT)
  expect(warnings).toEqual([])
  expect(settings).toMatchObject({
    bootstrapServers: ['kafka:9092'],
    advertisedHost: 'me',
    listeners: ['http://0.0.0.0:8083'],
  })
  expect(settings.restToken.reveal()).toBe('secret-1')
}

describe('the Dockerfile', () => {
  /** One per instruction, continued lines joined. */
  const lines = read('Dockerfile')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'))
  const valuesOf = (name: string) =>
    lines.filter(line => line.startsWith(`${name} `)).map(line => line.slice(name.length + 1))

  it('has instructions that exist, from an image of one version', () => {
    const names = new Set(lines.map(line => line.split(' ')[0]))
    const known =
      'FROM WORKDIR COPY RUN ENV USER EXPOSE HEALTHCHECK ENTRYPOINT CMD ARG LABEL VOLUME STOPSIGNAL'
    expect([...names].filter(name => !known.split(' ').includes(name!))).toEqual([])
    const images = valuesOf('FROM')
    expect(images).toHaveLength(2)
    for (const image of images) expect(image).toMatch(/^node:24\.\d+-\S+( AS \w+)?$/)
  })

  it('runs without rights, as one process that signals reach', () => {
    expect(valuesOf('USER')).toEqual(['node'])
    expect(JSON.parse(valuesOf('ENTRYPOINT')[0]!)).toEqual(['scamander'])
    expect(JSON.parse(valuesOf('CMD')[0]!)[0]).toBe('connect-distributed')
    const check = valuesOf('HEALTHCHECK')[0]!
    expect(JSON.parse(check.slice(check.indexOf('CMD ') + 4)).slice(0, 2)).toEqual(['node', '-e'])
  })
})

describe('the compose file', () => {
  interface Service {
    readonly image?: string
    readonly build?: { readonly dockerfile: string }
    readonly ports: readonly string[]
    readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
    readonly environment?: Readonly<Record<string, string>>
  }
  const { services } = parse(read('compose.yaml')) as { services: Record<string, Service> }

  it('has images of one version, ports of this machine alone, and servers that are waited for', () => {
    expect(Object.keys(services)).toEqual(['kafka', 'cassandra', 'registry', 'scamander'])
    for (const { image, build, ports } of Object.values(services)) {
      expect(image ?? build?.dockerfile).toMatch(/:\d+\.\d+\.\d+$|^deploy\/Dockerfile$/)
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/)
    }
    const { depends_on: needs = {}, environment = {} } = services['scamander']!
    for (const name of Object.keys(needs)) expect(services[name]).toHaveProperty('healthcheck')
    expect(Object.keys(environment).sort()).toEqual(Object.keys(ENVIRONMENT).sort())
  })

  it('has properties that the worker takes', () => expectWorker(read('worker.properties')))
})

describe('the Kubernetes manifests', () => {
  const parsed = parseAllDocuments(read('kubernetes.yaml'))
  const documents = parsed.map(one => one.toJS())
  const of = (kind: string) => documents.find(one => one.kind === kind)

  it('are a configuration, workers and a service that fit together', () => {
    expect(parsed.flatMap(one => one.errors)).toEqual([])
    expect(documents.map(one => one.kind)).toEqual(['ConfigMap', 'Deployment', 'Service'])
    const { template, selector } = of('Deployment').spec
    expect(template.metadata.labels).toEqual(selector.matchLabels)
    expect(of('Service').spec.selector).toEqual(selector.matchLabels)
    const [worker] = template.spec.containers
    const ports = worker.ports.map((one: { name: string }) => one.name)
    expect(ports).toContain(of('Service').spec.ports[0].targetPort)
    expect(template.spec.volumes[0].configMap.name).toBe(of('ConfigMap').metadata.name)
    expect(template.spec.securityContext.runAsNonRoot).toBe(true)
    const names = worker.env.map((one: { name: string }) => one.name)
    expect(names.sort()).toEqual(Object.keys(ENVIRONMENT).sort())
    for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
      expect(worker).toHaveProperty(probe)
    }
  })

  it('have properties that the worker takes', () => {
    expectWorker(of('ConfigMap').data['worker.properties'])
  })
})

it('the unit of systemd has sections and keys that exist', () => {
  const known: Readonly<Record<string, string>> = {
    Unit: 'Description Wants After',
    Service:
      'ExecStart EnvironmentFile DynamicUser StateDirectory WorkingDirectory Restart RestartSec TimeoutStopSec NoNewPrivileges ProtectSystem ProtectHome PrivateTmp',
    Install: 'WantedBy',
  }
  let section = ''
  const found: string[] = []
  for (const line of read('scamander.service').split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    const header = /^\[(\w+)\]$/.exec(line)
    if (header !== null) section = header[1]!
    else {
      const key = /^(\w+)=\S/.exec(line)?.[1] ?? line
      if (!known[section]?.split(' ').includes(key)) found.push(`${section}: ${line}`)
    }
  }
  expect(found).toEqual([])
})
