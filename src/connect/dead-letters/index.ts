/**
 * Dead letters after the fact: read, filtered, replayed to their topics or through a connector.
 * Used by the command line and the server through the door of the connect room.
 * Spec: connect-rest 14.
 */
export {
  type ConnectorReplayOptions,
  type ConnectorReplayReport,
  replayThroughConnector,
} from './connector-replay.ts'
export { type Letter, toLetter } from './letter.ts'
export { type FoundLetter, LetterDesk, type LetterPlace, type ReplayCount } from './letter-desk.ts'
export { type LetterFilter, matchesLetter, replayGroup } from './letter-filter.ts'
export { fetchRanges, forgetGroup, LetterReader } from './letter-reader.ts'
export { type ReplayReport, replayToTopics, type TopicReplayOptions } from './topic-replay.ts'
