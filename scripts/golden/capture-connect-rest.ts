/**
 * Captures the answers of a real Kafka Connect worker into test/golden/connect-rest.json:
 * `node scripts/golden/capture-connect-rest.ts --url http://127.0.0.1:18083 --topic empty --origin
 * "Apache Kafka Connect 4.1.1, connect-standalone"`. The worker has the plugin connect-file; the
 * topic exists, is empty and has one partition. The calls are test/golden/connect-rest-cases.ts.
 */
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { REST_CASES, runRestCases } from '../../test/golden/connect-rest-cases.ts'

const OUTPUT = new URL('../../test/golden/connect-rest.json', import.meta.url)

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:8083' },
    topic: { type: 'string', default: 'golden' },
    origin: { type: 'string', default: 'unknown' },
  },
})
const answers = await runRestCases({
  url: values.url,
  topic: values.topic,
  className: 'org.apache.kafka.connect.file.FileStreamSinkConnector',
  more: { file: '/dev/null' },
})
const cases = REST_CASES.map(({ what, method, path }, i) => ({ what, method, path, ...answers[i] }))
await writeFile(OUTPUT, `${JSON.stringify({ origin: values.origin, cases }, undefined, 2)}\n`)
process.stdout.write(`${cases.length} answers written\n`)
