/**
 * RegexRouter: renames the topic when the whole name matches. Spec: connect-rest 15.
 * As in Kafka, the replacement then takes the place of the first match within the name, which is
 * the whole name unless an earlier alternative matches less. Key and value stay undecoded.
 */
import { JavaRegex, JavaRegexError, JavaReplacement } from '../base/java-regex.ts'
import { messageOf } from '../base/scamander-error.ts'
import { defineConfig, stringField } from '../config/index.ts'
import { pluginFactory, type TransformFactory } from './plugin.ts'
import { javaRegex } from './regex-setting.ts'

export const regexRouterConfig = defineConfig(
  'RegexRouter',
  {
    regex: stringField('regex', {
      required: true,
      importance: 'high',
      validator: javaRegex,
      doc: 'Regular expression that the whole topic name must match.',
      examples: ['db\\.(.*)'],
    }),
    replacement: stringField('replacement', {
      required: true,
      importance: 'high',
      doc: 'Replacement string; $1 is the first group.',
      examples: ['$1'],
    }),
  },
  {
    summary: 'Changes the topic with a regular expression.',
    description:
      'Topics that do not match keep their name. The regular expression is written as in Java.',
    examples: [{ title: 'Take off a prefix', config: { regex: 'db\\.(.*)', replacement: '$1' } }],
    crossChecks: [
      ({ regex, replacement }, context) => {
        if (['regex', 'replacement'].some(key => context.hasFailed(key))) return
        try {
          new JavaReplacement(replacement, new JavaRegex(regex))
        } catch (error) {
          if (!(error instanceof JavaRegexError)) throw error
          const shown = context.show('replacement')
          const message = `Invalid value ${shown} for configuration replacement: ${messageOf(error)}`
          context.report({ key: 'replacement', kind: 'invalid', message })
        }
      },
    ],
  },
)

export const regexRouter: TransformFactory = pluginFactory(
  'RegexRouter',
  regexRouterConfig,
  settings => {
    const regex = new JavaRegex(settings.regex)
    const replacement = new JavaReplacement(settings.replacement, regex)
    return {
      apply: record => {
        if (regex.matches(record.topic)) {
          record.topic = regex.replaceFirst(record.topic, replacement)
        }
        return record
      },
    }
  },
)
