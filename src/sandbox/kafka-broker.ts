/**
 * One Kafka broker in KRaft mode, its own controller: configuration, format, start command.
 * Called by the sandbox; the command is started again unchanged after a stop or a kill.
 * Invariant: a formatted folder is never formatted again, so topics survive a restart.
 * Spec: sandbox, "Kafka 4.1.1 in KRaft mode".
 */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ScamanderError } from '../base/scamander-error.ts'
import { sandboxErrors } from './errors.ts'
import { type Java, runProgram } from './java.ts'
import { probeKafka } from './kafka-probe.ts'
import { KAFKA_RELEASE } from './release.ts'
import type { ServerCommand } from './server-process.ts'

export const KAFKA_ADDRESS = '127.0.0.1'

export interface BrokerSettings {
  readonly folder: string
  readonly port: number
  readonly controllerPort: number
  readonly heapMb: number
  /** Set last: overrides anything of server.properties. */
  readonly properties: Readonly<Record<string, string>>
}

const READY_TIMEOUT_MS = 120_000

export function kafkaLogPath(folder: string): string {
  return join(folder, 'logs/server.log')
}

/** The text of server.properties. */
export function renderServerProperties(settings: BrokerSettings): string {
  const { port, controllerPort } = settings
  const keys: Record<string, string | number | boolean> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@${KAFKA_ADDRESS}:${controllerPort}`,
    listeners: `PLAINTEXT://${KAFKA_ADDRESS}:${port},CONTROLLER://${KAFKA_ADDRESS}:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://${KAFKA_ADDRESS}:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': join(settings.folder, 'data'),
    'num.partitions': 1,
    'offsets.topic.num.partitions': 10,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.num.partitions': 10,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    // Data sets and tests carry times of long ago, which retention would delete within minutes.
    'log.retention.ms': -1,
    'group.initial.rebalance.delay.ms': 0,
    'broker.session.timeout.ms': 4_000,
    'broker.heartbeat.interval.ms': 1_000,
    ...settings.properties,
  }
  return `${Object.entries(keys)
    .map(([key, value]) => `${key}=${value}`)
    .join('\n')}\n`
}

/** The text of log4j2.properties: one bounded file, nothing on the console. */
export function renderLog4j(logPath: string): string {
  return `status=error
appender.file.type=RollingFile
appender.file.name=FILE
appender.file.fileName=${logPath}
appender.file.filePattern=${logPath}.%i
appender.file.layout.type=PatternLayout
appender.file.layout.pattern=[%d] %p %m (%c)%n
appender.file.policies.type=SizeBasedTriggeringPolicy
appender.file.policies.size=20MB
appender.file.strategy.type=DefaultRolloverStrategy
appender.file.strategy.max=1
rootLogger.level=INFO
rootLogger.appenderRef.file.ref=FILE
`
}

/** Writes the broker's files and formats its folder once; the returned command starts it. */
export async function prepareBroker(
  settings: BrokerSettings,
  runtime: { java: Java; jars: readonly string[] },
): Promise<ServerCommand> {
  const { folder } = settings
  const log = kafkaLogPath(folder)
  const properties = join(folder, 'server.properties')
  await mkdir(join(folder, 'data'), { recursive: true })
  await mkdir(join(folder, 'tmp'), { recursive: true })
  await writeFile(properties, renderServerProperties(settings))
  await writeFile(join(folder, 'log4j2.properties'), renderLog4j(log))
  const flags = [
    '-XX:-UsePerfData',
    `-Dlog4j2.configurationFile=${join(folder, 'log4j2.properties')}`,
    `-Dkafka.logs.dir=${join(folder, 'logs')}`,
    `-Djava.io.tmpdir=${join(folder, 'tmp')}`,
    '-Djava.awt.headless=true',
    '-cp',
    runtime.jars.join(':'),
  ]
  if (!existsSync(join(folder, 'data/meta.properties'))) {
    await format(runtime.java, flags, properties)
  }
  return {
    title: `Kafka ${KAFKA_RELEASE.version}`,
    file: runtime.java.bin,
    args: [`-Xms${settings.heapMb}M`, `-Xmx${settings.heapMb}M`, '-XX:+UseG1GC']
      .concat('-XX:MaxGCPauseMillis=20', '-XX:+ExitOnOutOfMemoryError', flags)
      .concat('kafka.Kafka', properties),
    folder,
    logs: [log],
    readyTimeoutMs: READY_TIMEOUT_MS,
    probe: () => probeKafka(KAFKA_ADDRESS, settings.port),
  }
}

async function format(java: Java, flags: readonly string[], properties: string): Promise<void> {
  const id = randomBytes(16).toString('base64url').replace(/^-/, 'A')
  const tool = ['kafka.tools.StorageTool', 'format', '-t', id, '-c', properties]
  const quick = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC']
  const result = await runProgram(java.bin, [...quick, ...flags, ...tool])
  if (!result.ok) {
    throw new ScamanderError(
      sandboxErrors.TOOL,
      `the Kafka storage tool could not format the data folder:\n${result.output}`,
    )
  }
}
