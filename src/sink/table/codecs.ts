/**
 * Compiles a topic's codec settings for both number modes. Called while configuration is checked
 * (problems) and when the sink opens.
 * Spec: cassandra-sink 3.6, 12 (D6, D9, D10, D23).
 */
import { ScamanderError } from '../../base/scamander-error.ts'
import type { TopicCodecs } from './bind/variable-binding.ts'
import {
  type Codec,
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
    const options = { compat, jsonNumbers, ...(hosts === undefined ? {} : { hosts }) }
    const compiled = compileCodecSettings(topic.codec, options)
    if (compiled.codec !== undefined) return compiled.codec
    const texts = compiled.problems.map(
      ({ setting, message }) => `topic.${topic.topic}.codec.${setting}: ${message}`,
    )
    throw new ScamanderError(TABLE_SINK_ERRORS.CODEC, texts.join('\n'))
  }
  return { exact: compile('exact'), connect: compile('connect') }
}
