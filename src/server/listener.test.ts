import { describe, expect, it } from 'vitest'
import { hostPort, parseListener } from './listener.ts'

describe('parseListener', () => {
  it.each([
    ['http://:8083', 'nothing', { scheme: 'http', host: '127.0.0.1', port: 8083 }],
    ['http://:8083', 'login', { scheme: 'http', host: '::', port: 8083 }],
    ['HTTP://localhost:0/', 'nothing', { scheme: 'http', host: 'localhost', port: 0 }],
    ['http://127.1.2.3:1', 'nothing', { scheme: 'http', host: '127.1.2.3', port: 1 }],
    ['http://[::1]:8083', 'nothing', { scheme: 'http', host: '::1', port: 8083 }],
    ['HTTPS://localhost:0', 'nothing', { scheme: 'https', host: 'localhost', port: 0 }],
    ['http://:8083', 'setup', { scheme: 'http', host: '127.0.0.1', port: 8083 }],
    ['http://10.0.0.5:8083', 'setup', { scheme: 'http', host: '10.0.0.5', port: 8083 }],
    ['http://0.0.0.0:8083', 'login', { scheme: 'http', host: '0.0.0.0', port: 8083 }],
  ] as const)('%s, guarded by %s', (text, guarded, expected) => {
    expect(parseListener(text, 'listeners', guarded)).toEqual(expected)
  })

  it.each([
    [
      'http://0.0.0.0:8083',
      /listeners: http:\/\/0\.0\.0\.0:8083 can be reached from other machines/,
    ],
    ['http://worker.example:8083', /no login is configured/],
    ['http://[::]:8083', /no login is configured/],
    ['ftp://localhost:8083', /expected http:\/\/host:port or https/],
    ['localhost:8083', /found localhost:8083/],
    ['http://localhost', /expected http:\/\/host:port/],
    ['http://localhost:70000', /expected http:\/\/host:port/],
  ])('%s is refused', (text, message) => {
    expect(() => parseListener(text, 'listeners', 'nothing')).toThrow(message)
  })
})

it('brackets IPv6 addresses', () => {
  expect([hostPort('::1', 1), hostPort('a', 2)]).toEqual(['[::1]:1', 'a:2'])
})
