/**
 * Compiles a topic's codec settings for both number modes. Called while configuration is checked
 * (problems) and when the sink opens.
 * Spec: cassandra-sink 3.6, 12 (D6, D9, D10, D23).
 */
import { ScamanderError } from '../../base/scamander-error.ts'
import { type ConfigSource, HIDDEN, type Lint } from '../../config/index.ts'
import type { TopicCodecs } from './bind/variable-binding.ts'
import {
  CODEC_DEFAULTS,
  type Codec,
  type CodecSettings,
  type CompatFlags,
  compileCodecSettings,
  type HostResolver,
} from './conversion/index.ts'
import type { TopicSettings } from './datastax/settings.ts'
import { TABLE_SINK_ERRORS } from './errors.ts'

export function codecsOf(
  topic: TopicSettings,
  reference: ReadonlySet<string>,
  hosts?: HostResolver,
): TopicCodecs {
  const flag = (name: string) => (reference.has(name) ? 'reference' : 'fixed')
  const compat: CompatFlags = {
    D6: flag('D6'),
    D9: flag('D9'),
    D10: flag('D10'),
    D23: flag('D23'),
  }
  const compile = (jsonNumbers: 'exact' | 'connect'): Codec => {
    const rules = topic.rules ?? 'datastax'
    const options = { compat, jsonNumbers, rules, ...(hosts === undefined ? {} : { hosts }) }
    const compiled = compileCodecSettings(topic.codec, options)
    if (compiled.codec !== undefined) return compiled.codec
    const texts = compiled.problems.map(
      ({ setting, message }) => `topic.${topic.topic}.codec.${setting}: ${message}`,
    )
    throw new ScamanderError(TABLE_SINK_ERRORS.CODEC, texts.join('\n'))
  }
  return { exact: compile('exact'), connect: compile('connect') }
}

const CODEC_KEY = /^topic\.([\w.-]+)\.codec\.(locale|timeZone|timestamp|date|time|unit)$/

/** Every codec setting of a configuration that cannot be used, at its key. */
export function codecProblems(source: ConfigSource): Lint[] {
  const byTopic = new Map<string, CodecSettings>()
  for (const [key, entry] of source.entries) {
    const [, topic, setting] = CODEC_KEY.exec(key) ?? []
    if (topic === undefined || setting === undefined) continue
    const known = byTopic.get(topic) ?? CODEC_DEFAULTS
    byTopic.set(topic, { ...known, [setting]: entry.value.trim() })
  }
  return [...byTopic].flatMap(([topic, settings]) =>
    (compileCodecSettings(settings).problems ?? []).map(({ setting, message }): Lint => {
      const key = `topic.${topic}.codec.${setting}`
      const entry = source.entries.get(key)
      const text = entry?.hidden === true ? `${HIDDEN} cannot be used` : message
      const location = entry?.location === undefined ? {} : { location: entry.location }
      return {
        kind: 'invalid',
        severity: 'error',
        key,
        message: `Invalid value for configuration ${key}: ${text}`,
        ...location,
      }
    }),
  )
}
