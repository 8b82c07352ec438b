/**
 * Starts of a worker of a cluster that must not succeed: exit code 2, and a message that says what
 * to do. And what a start creates.
 */
import { afterEach, describe, expect, it } from 'vitest'
import { WorkerCluster } from '../support/cluster-workers.ts'
import { type Settings, scamander, temporaryFile, toProperties } from '../support/standalone.ts'
import { testKafka } from '../support/topic.ts'
import { admin, closeAll } from '../support/topic-reader.ts'

let cluster: WorkerCluster | undefined
afterEach(async () => {
  await cluster?.close()
  cluster = undefined
  await closeAll()
})

function newCluster(): WorkerCluster {
  cluster = new WorkerCluster(testKafka().bootstrapServers)
  return cluster
}

async function start(settings: Record<string, string>) {
  const file = temporaryFile('worker.properties', toProperties(settings))
  return await scamander(['connect-distributed', file, '--log-format', 'json'])
}

describe('connect-distributed', () => {
  it('does not use a topic from which records could be deleted', async () => {
    const { configTopic, settings } = withSettings(newCluster())
    const configs = { 'cleanup.policy': 'delete' }
    await admin().createTopic({ name: configTopic, partitions: 1, replicationFactor: 1, configs })
    const { code, stderr } = await start(settings)
    expect(stderr).toContain(
      `config.storage.topic: expected cleanup.policy=compact of ${configTopic}, found delete`,
    )
    expect(stderr).toContain('SCM_CONNECT_INTERNAL_TOPIC')
    expect(code).toBe(2)
  })

  it('does not use a topic of configurations with two partitions', async () => {
    const { configTopic, settings } = withSettings(newCluster())
    const configs = { 'cleanup.policy': 'compact' }
    await admin().createTopic({ name: configTopic, partitions: 2, replicationFactor: 1, configs })
    const { code, stderr } = await start(settings)
    expect(stderr).toContain(`expected one partition in ${configTopic}, found 2`)
    expect(code).toBe(2)
  })

  it('tells every wrong setting at once', async () => {
    const { settings } = withSettings(newCluster())
    const all: Settings = { ...settings, 'heartbeat.interval.ms': '5000' }
    const { 'group.id': _, ...wrong } = all
    const { code, stderr } = await start({ ...wrong, 'inter.worker.signature.algorithm': 'MD5' })
    expect(stderr).toContain('group.id')
    expect(code).toBe(2)
    const again = await start({ ...settings, 'heartbeat.interval.ms': '5000' })
    expect(again.stderr).toContain('expected at most half of session.timeout.ms (6000), found 5000')
    expect(again.code).toBe(2)
  })

  it('creates compacted topics with the settings that were asked for', async () => {
    const made = newCluster()
    await made.start({
      'status.storage.partitions': '2',
      'offset.storage.segment.bytes': '1048576',
    })
    const kinds = { config: 1, offset: 3, status: 2 }
    for (const [kind, partitions] of Object.entries(kinds)) {
      const name = `${made.name}-${kind}`
      expect((await admin().describeTopic(name))?.partitions.length).toBe(partitions)
      expect((await admin().topicConfigs(name)).get('cleanup.policy')).toBe('compact')
    }
    const offsets = await admin().topicConfigs(`${made.name}-offset`)
    expect(offsets.get('segment.bytes')).toBe('1048576')
  })
})

function withSettings(of: WorkerCluster) {
  return { configTopic: of.configTopic, settings: of.settings(0) }
}
