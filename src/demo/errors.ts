/**
 * Error codes of the demo room. Declared once; docs/reference/errors.md is generated from them.
 * Used by every file of the room. Messages may name rows of the demo's own public data sets, which
 * is why the proof prints them itself and no error does.
 */
import { declareErrors } from '../base/scamander-error.ts'

export const DEMO_ERRORS = declareErrors('demo', {
  OPTION: {
    kind: 'config',
    summary: 'An option of the demo has a value that is not supported.',
    advice: 'Use a value of the range that the message names.',
  },
  PORT_TAKEN: {
    kind: 'config',
    summary: 'The port asked for with --port is used by another process.',
    advice: 'Stop the other process, name another port, or leave --port out.',
  },
  DATA_MISSING: {
    kind: 'fatal',
    summary: 'A data set of the npm package vega-datasets is missing or unreadable.',
    advice: 'Install the dependencies again with `npm ci`.',
  },
  PRODUCE: {
    kind: 'fatal',
    summary: 'Kafka did not take a record of the demo.',
    advice: 'Look at the log of the broker in the folder of the demo, then start again.',
  },
  CONNECTOR: {
    kind: 'fatal',
    summary: 'A connector of the demo did not start or failed.',
    advice: 'Read its trace in the message and under /connectors/<name>/status.',
  },
  COPY: {
    kind: 'fatal',
    summary: 'The copy of the migration demo did not end well.',
    advice: 'Look at the warnings above and at the logs of the servers in the folder of the demo.',
  },
  REPLICATION: {
    kind: 'fatal',
    summary: 'The replication job of the demo failed, or its tables differ from the space.',
    advice: 'Read the run in the web page under Jobs; it has the log of the run.',
  },
  STALLED: {
    kind: 'fatal',
    summary: 'Records of the demo were sent but not consumed in time.',
    advice: 'Look at the warnings above; a very busy machine may just need more time.',
  },
  CANCELLED: {
    kind: 'cancelled',
    summary: 'The demo was interrupted.',
    advice: 'Start again; nothing was left running.',
  },
})
