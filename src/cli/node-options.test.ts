/** Options of a node as keys of the worker's properties. */
import { Command } from 'commander'
import { expect, it } from 'vitest'
import { addNodeOptions, type NodeFlags, nodeKeys } from './node-options.ts'

function keysOf(...args: string[]) {
  const command = addNodeOptions(new Command())
  return nodeKeys(command.parse(args, { from: 'user' }).opts<NodeFlags>())
}

it('sets only what is given', () => {
  expect(keysOf()).toEqual({})
  expect(keysOf('-u', 'a', '-p', 'b')).toEqual({
    'cdc.auth.username': 'a',
    'cdc.auth.password': 'b',
  })
})

it.each([
  [['--ssl'], {}],
  [['--ssl-truststore-path', 't.jks'], { 'cdc.ssl.truststore.path': 't.jks' }],
  [
    ['--ssl-keystore-path', 'k', '--ssl-keystore-password', 'p'],
    { 'cdc.ssl.keystore.path': 'k', 'cdc.ssl.keystore.password': 'p' },
  ],
  [['--no-ssl-hostname-validation'], { 'cdc.ssl.hostnameValidation': 'false' }],
])('connects by TLS with %j', (args, keys) => {
  expect(keysOf(...args)).toEqual({ ...keys, 'cdc.ssl.enabled': 'true' })
})
