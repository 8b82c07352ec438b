/**
 * Subject name strategies: under which subject of the registry a schema is kept.
 * Used when a value is written; reading goes by id alone. Spec: connect-rest 12.
 * Invariant: users name a strategy by its Java class, of any package.
 */
import { checked, type Validator } from '../../config/index.ts'
import { CONVERT_ERRORS, dataError } from '../errors.ts'

const STRATEGIES = ['TopicNameStrategy', 'RecordNameStrategy', 'TopicRecordNameStrategy'] as const
export type SubjectStrategy = (typeof STRATEGIES)[number]

const PACKAGE = 'io.confluent.kafka.serializers.subject'
export const DEFAULT_STRATEGY = `${PACKAGE}.TopicNameStrategy`
export const STRATEGY_CLASSES: readonly string[] = STRATEGIES.map(name => `${PACKAGE}.${name}`)

export const subjectStrategy: Validator<string> = checked(
  `a class of subject names: ${STRATEGIES.join(', ')}`,
  name => (toStrategy(name) === undefined ? [`Class ${name} could not be found.`] : []),
)

export function toStrategy(className: string): SubjectStrategy | undefined {
  const simpleName = className.slice(className.lastIndexOf('.') + 1)
  return STRATEGIES.find(one => one === simpleName)
}

export interface SubjectOf {
  readonly topic: string
  readonly isKey: boolean
  readonly recordName: string | undefined
}

export function subjectName(strategy: SubjectStrategy, of: SubjectOf): string {
  const { topic, isKey, recordName } = of
  if (strategy === 'TopicNameStrategy') return `${topic}-${isKey ? 'key' : 'value'}`
  if (recordName === undefined) {
    throw dataError(
      CONVERT_ERRORS.SCHEMA,
      `${strategy} needs a schema with a name for the ${isKey ? 'key' : 'value'}, found one without`,
    )
  }
  return strategy === 'RecordNameStrategy' ? recordName : `${topic}-${recordName}`
}
