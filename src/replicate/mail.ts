/**
 * Sends one mail over SMTP: plain, STARTTLS or TLS, with or without a login. Used by alert channels.
 * Invariants: no password leaves before the connection is encrypted, unless the host is this machine;
 * names and texts cannot add headers or commands; every step has a limit of time and size; a signal
 * ends it at once.
 * Spec: RFC 5321, 3207, 4954 (PLAIN), 5322; backlog-replication 2.14.
 */
import { connect as connectPlain, isIP, type Socket } from 'node:net'
import { hostname } from 'node:os'
import { connect as connectTls } from 'node:tls'
import { ScamanderError } from '../base/scamander-error.ts'
import { REPLICATE_ERRORS } from './errors.ts'

export interface MailServer {
  readonly host: string
  readonly port: number
  readonly security: 'none' | 'starttls' | 'tls'
  readonly user: string
  readonly password: string
}

export interface Mail {
  readonly from: string
  readonly to: readonly string[]
  readonly subject: string
  readonly text: string
}

const STEP_MS = 20_000
const ANSWER_CHARS_MAX = 64 * 1024
const ADDRESS = /^[^\s<>@"]+@[^\s<>@"]+$/

export async function sendMail(
  server: MailServer,
  mail: Mail,
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  for (const one of [mail.from, ...mail.to])
    if (!ADDRESS.test(one)) throw failed('expected addresses such as ops@example.com')
  try {
    await handOver(server, mail, signal)
  } catch (error) {
    signal.throwIfAborted()
    throw error
  }
}

async function handOver(server: MailServer, mail: Mail, signal: AbortSignal): Promise<void> {
  let dialog = new Dialog(await opened(server, signal))
  try {
    await dialog.expect(220)
    await dialog.say(`EHLO ${ownName()}`, 250)
    if (server.security === 'starttls') {
      await dialog.say('STARTTLS', 220)
      dialog = new Dialog(await secured({ socket: dialog.release(), signal }, server.host))
      await dialog.say(`EHLO ${ownName()}`, 250)
    }
    if (server.user !== '') await login(dialog, server)
    await dialog.say(`MAIL FROM:<${mail.from}>`, 250)
    for (const to of mail.to) await dialog.say(`RCPT TO:<${to}>`, 250)
    await dialog.say('DATA', 354)
    await dialog.say(`${toMessage(mail)}\r\n.`, 250)
    await dialog.say('QUIT', 221).catch(() => undefined)
  } finally {
    dialog.release().destroy()
  }
}

async function login(dialog: Dialog, { user, password, security, host }: MailServer) {
  const isLocal = host === 'localhost' || host === '::1' || host.startsWith('127.')
  if (security === 'none' && !isLocal)
    throw failed('a login needs STARTTLS or TLS: the password would be readable on the way')
  const token = Buffer.from(`\0${user}\0${password}`).toString('base64')
  await dialog.say(`AUTH PLAIN ${token}`, 235)
}

/** Lines in, answers out; one command at a time. */
class Dialog {
  readonly #socket: Socket
  #text = ''
  #wake: () => void = () => undefined
  #error: Error | undefined

  constructor(socket: Socket) {
    this.#socket = socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => {
      this.#text += chunk
      if (this.#text.length > ANSWER_CHARS_MAX) socket.destroy(failed('the answer is too long'))
      this.#wake()
    })
    socket.on('error', error => this.#fail(error))
    socket.on('close', () => this.#fail(failed('the mail server closed the connection')))
  }

  async say(command: string, code: number): Promise<void> {
    this.#socket.write(`${command}\r\n`)
    await this.expect(code)
  }

  async expect(code: number): Promise<void> {
    const late = AbortSignal.timeout(STEP_MS)
    late.onabort = () => this.#fail(failed(`no answer within ${STEP_MS / 1000} s`))
    for (;;) {
      // The last line of an answer has a blank behind its code.
      const end = /^(?:\d{3}-.*\r?\n)*(\d{3})(?: .*)?\r?\n/.exec(this.#text)
      if (end !== null) {
        this.#text = this.#text.slice(end[0].length)
        late.onabort = null
        if (Number(end[1]) === code) return
        throw failed(`expected ${code}, the server answered ${end[0].trim().slice(0, 200)}`)
      }
      if (this.#error !== undefined) throw this.#error
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#wake = resolve
      await promise
    }
  }

  /** The socket, for the layer of encryption or for the end. */
  release(): Socket {
    this.#socket.removeAllListeners('data').on('error', () => undefined)
    return this.#socket
  }

  #fail(error: Error): void {
    this.#error ??= error
    this.#wake()
  }
}

async function opened({ host, port, security }: MailServer, signal: AbortSignal): Promise<Socket> {
  if (security === 'tls') return await secured({ port, signal }, host)
  return await ready(connectPlain({ host, port, signal }), 'connect')
}

/** Over a socket, or to a port. */
async function secured(
  over: { readonly socket?: Socket; readonly port?: number; readonly signal: AbortSignal },
  host: string,
): Promise<Socket> {
  const name = isIP(host) === 0 ? { servername: host } : {}
  return await ready(connectTls({ host, ...over, ...name }), 'secureConnect')
}

async function ready(socket: Socket, event: 'connect' | 'secureConnect'): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const timer = setTimeout(() => reject(failed('no connection in time')), STEP_MS)
  socket.once(event, resolve).once('error', reject)
  try {
    await promise
    return socket
  } catch (error) {
    socket.destroy()
    throw error
  } finally {
    clearTimeout(timer)
  }
}

/** Headers as encoded words where they are not plain; lines that begin with a dot get another. */
function toMessage({ from, to, subject, text }: Mail): string {
  const lines = [
    `From: <${from}>`,
    `To: ${to.map(one => `<${one}>`).join(', ')}`,
    `Subject: ${encodedWord(subject)}`,
    `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    ...(Buffer.from(text)
      .toString('base64')
      .match(/.{1,76}/g) ?? []),
  ]
  return lines.join('\r\n')
}

function encodedWord(text: string): string {
  const short = [...text].slice(0, 100).join('')
  if (/^[\x20-\x7e]*$/.test(short)) return short
  const parts = [...short].reduce<string[]>((all, one) => {
    const last = all.at(-1) ?? ''
    if (all.length > 0 && Buffer.byteLength(last + one) <= 40) all[all.length - 1] = last + one
    else all.push(one)
    return all
  }, [])
  return parts.map(one => `=?utf-8?B?${Buffer.from(one).toString('base64')}?=`).join('\r\n ')
}

function ownName(): string {
  return /^[\w.-]+$/.test(hostname()) ? hostname() : 'localhost'
}

function failed(message: string): ScamanderError {
  return new ScamanderError(REPLICATE_ERRORS.CHANNEL, message)
}
