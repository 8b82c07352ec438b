/**
 * Mail of alerts over a real socket: a small server on loopback that keeps the dialog, with a login,
 * a refusal, and a text that tries to add commands.
 */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sendMail } from '../../src/replicate/index.ts'

let server: Server
let lines: string[]
const mail = { from: 'scamander@example.com', to: ['ops@example.com'] }

beforeEach(async () => {
  lines = []
  server = createServer(socket => {
    let isData = false
    let rest = ''
    socket.on('error', () => undefined)
    socket.write('220-hello\r\n220 here\r\n')
    socket.on('data', chunk => {
      const parts = (rest + chunk.toString()).split('\r\n')
      rest = parts.pop() ?? ''
      for (const line of parts) {
        lines.push(line)
        if (isData && line !== '.') continue
        const wasData = isData
        isData = line === 'DATA'
        if (isData) socket.write('354 go on\r\n')
        else if (line.startsWith('RCPT TO:<nobody')) socket.write('550 no such user\r\n')
        else if (line.startsWith('AUTH')) socket.write('235 welcome\r\n')
        else if (line === 'QUIT') socket.end('221 bye\r\n')
        else socket.write(wasData ? '250 taken\r\n' : '250-a\r\n250 b\r\n')
      }
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
})
afterEach(() => void server.close())

function at(part: { security?: 'none' | 'starttls'; user?: string } = {}) {
  const { port } = server.address() as AddressInfo
  return { host: '127.0.0.1', port, security: 'none', user: '', password: 'pw', ...part } as const
}

describe('mail of alerts', () => {
  it('is handed over with its text, after a login', async () => {
    const text = 'Backlog: failed\n.\nRCPT TO:<other@example.com>\n日本'
    await sendMail(at({ user: 'ann' }), { ...mail, subject: 'Backlog 日本: failed', text })
    const login = Buffer.from('\0ann\0pw').toString('base64')
    expect(lines.slice(1, 5)).toEqual([
      `AUTH PLAIN ${login}`,
      'MAIL FROM:<scamander@example.com>',
      'RCPT TO:<ops@example.com>',
      'DATA',
    ])
    const end = lines.indexOf('.')
    const sent = Buffer.from(lines.slice(lines.indexOf(''), end).join(''), 'base64')
    expect(sent.toString()).toBe(text)
    expect(lines.filter(one => one.startsWith('RCPT')).length).toBe(1)
    expect(lines.find(one => one.startsWith('Subject:'))).toMatch(/=\?utf-8\?B\?/)
  })

  it('tells what the server refused, and refuses what is no address', async () => {
    const refused = sendMail(at(), { ...mail, to: ['nobody@example.com'], subject: 's', text: 't' })
    await expect(refused).rejects.toThrow('550 no such user')
    const injected = { ...mail, from: 'a@b>\r\nDATA', subject: 's', text: 't' }
    await expect(sendMail(at(), injected)).rejects.toThrow('expected addresses')
  })
})
