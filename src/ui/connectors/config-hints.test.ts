/** When bad records go without a trace, and which keys keep them. */
import { expect, it } from 'vitest'
import { dropsSilently, withDeadLetters } from './config-hints.ts'

const SINK = { topics: 't', 'errors.tolerance': 'all' }
const TOPIC = 'errors.deadletterqueue.topic.name'

it.each([
  [SINK, true],
  [{ 'topics.regex': 't.*', 'errors.tolerance': ' ALL ' }, true],
  [{ ...SINK, [TOPIC]: ' ' }, true],
  [{ ...SINK, [TOPIC]: 'd' }, false],
  [{ ...SINK, 'errors.tolerance': 'none' }, false],
  [{ topics: 't' }, false],
  [{ 'errors.tolerance': 'all' }, false],
])('of %j: %s', (config, is) => {
  expect(dropsSilently(config as Record<string, string>)).toBe(is)
})

it('adds a topic whose name Kafka takes, and leaves what is set', () => {
  const headers = 'errors.deadletterqueue.context.headers.enable'
  const mended = withDeadLetters('a/b c', { ...SINK, [headers]: 'false' })
  expect(mended).toMatchObject({ ...SINK, [TOPIC]: 'a-b-c-dead-letters', [headers]: 'false' })
  expect(dropsSilently(mended)).toBe(false)
})
