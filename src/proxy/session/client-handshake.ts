/**
 * From a client's first frame to a session that is ready: versions, OPTIONS, STARTUP, login.
 * One per session, dropped when it is done. The source decides which login the client sees; the
 * target gets the same token, or its own credentials, or none.
 * Invariants: the client hears READY or AUTH_SUCCESS only when the source is ready and the target is
 * ready or, with `--target-failure log`, given up for now.
 * Spec: live-migration 2.3, 2.8.
 */
import {
  type CqlResponse,
  type FrameView,
  isProtocolVersion,
  readMessage,
} from '../../cql/index.ts'
import { type Cluster, clusterName, type Pair, SOURCE, TARGET } from '../cluster.ts'
import { admittedVersions } from '../control/cluster-state.ts'
import { FrameCopy } from '../link/frame-copy.ts'
import { isPassable } from './login-desk.ts'
import type { ProxyContext } from './proxy-context.ts'
import { credentialsError, protocolError, unavailableError } from './proxy-errors.ts'
import type { HandshakeWatcher, SessionLinks } from './session-links.ts'
import { supportedFor } from './supported.ts'

export interface HandshakeClient {
  readonly links: SessionLinks
  reply(stream: number, version: number, message: CqlResponse): void
  replyFrame(stream: number, version: number, frame: FrameCopy): void
  /** The next frame is the first in the negotiated form. */
  agree(version: number, compression: string | undefined): void
  /** From the next frame on both directions are v5 segments. */
  switchToSegments(): void
  onHandshakeDone(): void
  close(reason: string): void
}

type State = 'opening' | 'login' | 'ready' | 'down'

const OTHER_MECHANISM =
  'Both clusters demand a login, and this proxy passes on PLAIN only; configure --target-username and --target-password'

/** How long a client waits for a target that does not answer, when it may do without. */
const TARGET_GRACE_MS = 2_000

export class ClientHandshake implements HandshakeWatcher {
  readonly #context: ProxyContext
  readonly #client: HandshakeClient
  readonly #state: Pair<State> = ['opening', 'opening']
  readonly #authenticators: Pair<string> = ['', '']
  #version = 4
  #stream = 0
  #isStarted = false
  /** The cluster whose login the client sees. */
  #leader: Cluster | undefined
  #successToken: Buffer | null = null
  /** The client's token was passed on to the target. */
  #isTargetAsked = false
  /** The client logs in by a mechanism that another cluster does not understand. */
  #isOther = false
  #timer: NodeJS.Timeout | undefined
  #isDone = false

  constructor(context: ProxyContext, client: HandshakeClient) {
    this.#context = context
    this.#client = client
  }

  onFrame(frame: FrameView): void {
    const versions = this.#versions()
    if (!isProtocolVersion(frame.version) || !versions.includes(frame.version)) {
      this.#refuseVersion(frame, versions)
      return
    }
    const { message } = readMessage(frame)
    this.#stream = frame.stream
    this.#version = frame.version
    if (message.kind === 'OPTIONS') this.#answerOptions(frame.stream, frame.version)
    else if (message.kind === 'STARTUP' && !this.#isStarted) this.#start(message.options)
    else if (message.kind === 'AUTH_RESPONSE' && this.#leader !== undefined) {
      this.#onToken(message.token)
    } else {
      this.#reply(protocolError(`Unexpected message ${message.kind}, expecting STARTUP or OPTIONS`))
    }
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#isDone = true
  }

  onAuthenticate(cluster: Cluster, authenticator: string): void {
    this.#state[cluster] = 'login'
    this.#authenticators[cluster] = authenticator
    // A slow target may ask when the client's token is here already.
    if (cluster === TARGET) this.#onTargetHeard()
    if (this.#refusesOther()) return
    this.#logInTarget()
    this.#advance()
  }

  onChallenge(cluster: Cluster, token: Buffer | null): void {
    const { links } = this.#client
    if (cluster === this.#leader) this.#reply({ kind: 'AUTH_CHALLENGE', token })
    else if (links.links[cluster] !== undefined) {
      links.desks[cluster].challenge(links.links[cluster])
    }
  }

  onReady(cluster: Cluster, token: Buffer | null): void {
    this.#state[cluster] = 'ready'
    if (cluster === TARGET) this.#onTargetHeard()
    if (cluster === this.#leader) this.#successToken = token
    this.#advance()
  }

  onRefused(cluster: Cluster, frame: FrameView): void {
    const copy = new FrameCopy(frame)
    if (cluster === SOURCE || cluster === this.#leader) {
      this.#finishWith(() => this.#client.replyFrame(this.#stream, this.#version, copy))
    } else if (this.#context.settings.targetFailure === 'fail') {
      const message = 'The target cluster refused the connection or the credentials'
      this.#finishWith(() => this.#reply(credentialsError(message)))
    }
  }

  onDown(cluster: Cluster, reason: string): void {
    this.#state[cluster] = 'down'
    const text = `The ${clusterName(cluster)} cluster cannot be reached`
    this.#context.logger.warnLimited(
      `down-${cluster}`,
      `${text}: ${reason}; check that it runs and its TLS settings`,
    )
    const isFatal = cluster === SOURCE || this.#context.settings.targetFailure === 'fail'
    if (isFatal) this.#finishWith(() => this.#reply(unavailableError(1, text)))
    else this.#advance()
  }

  #versions(): number[] {
    const { clusters, settings } = this.#context
    return admittedVersions(clusters, settings.protocolVersions)
  }

  /** As Cassandra words it; stream 0, and the connection stays open for another attempt. */
  #refuseVersion(frame: FrameView, versions: readonly number[]): void {
    const listed = versions.map(version => `${version}/v${version}`).join(', ')
    const text = `Invalid or unsupported protocol version (${frame.version}); supported versions are (${listed})`
    // Clients of versions 1 and 2 read their own header only, as a node answers them.
    const highest = versions.at(-1) ?? 4
    const answered = frame.version === 1 || frame.version === 2 ? frame.version : highest
    this.#client.reply(0, answered, protocolError(text))
  }

  #answerOptions(stream: number, version: number): void {
    const options = supportedFor(this.#context)
    if (options !== undefined) this.#client.reply(stream, version, { kind: 'SUPPORTED', options })
    else this.#client.close('the source cluster did not answer yet')
  }

  #start(options: Readonly<Record<string, string>>): void {
    this.#isStarted = true
    const { links } = this.#client
    const compression = options['COMPRESSION']?.toLowerCase()
    const isKnown = compression === undefined || /^(lz4|snappy)$/.test(compression)
    if (!isKnown || (compression === 'snappy' && this.#version >= 5)) {
      this.#isStarted = false
      this.#reply(protocolError(`Unsupported compression: ${compression}`))
      return
    }
    this.#client.agree(this.#version, compression)
    links.watcher = this
    if (!this.#context.routing.isTargetEnabled) this.#state[TARGET] = 'down'
    links.open(this.#version as 3 | 4 | 5, options)
  }

  /** Looks at both clusters and goes on when it can. */
  #advance(): void {
    const [source, target] = this.#state
    if (this.#isDone || source === 'opening') return
    if (target === 'opening') {
      this.#waitForTarget()
      return
    }
    if (this.#leader === undefined && this.#needsLogin()) return
    if (source === 'ready' && target !== 'login') this.#finish()
    else if (source === 'ready' && this.#leader === undefined) this.#waitForTarget()
    else if (source === 'ready' && this.#leader === SOURCE) this.#waitForTarget()
  }

  /** Asks the client for a login when a cluster wants one that is not configured. */
  #needsLogin(): boolean {
    const { desks } = this.#client.links
    const wants = (cluster: Cluster) => this.#state[cluster] === 'login' && !desks[cluster].hasToken
    const leader = wants(SOURCE) ? SOURCE : wants(TARGET) ? TARGET : undefined
    if (leader === undefined) return false
    this.#leader = leader
    this.#reply({ kind: 'AUTHENTICATE', authenticator: this.#authenticators[leader] })
    this.#switchToSegments()
    return true
  }

  #onToken(token: Buffer | null): void {
    const { links } = this.#client
    const leader = this.#leader!
    this.#isOther ||= !isPassable(token)
    if (this.#refusesOther()) return
    links.links[leader]?.sendToken(token)
    for (const desk of links.desks) desk.offer(token)
    this.#logInTarget()
  }

  /** The target waits for a token as well, and the client's is none for it. */
  #refusesOther(): boolean {
    if (!this.#isOther || this.#isTargetAsked || !this.#needsTokenFor(TARGET)) return false
    this.#finishWith(() => this.#reply(credentialsError(OTHER_MECHANISM)))
    return true
  }

  /** Its next step has a time of its own. */
  #onTargetHeard(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#isTargetAsked = false
  }

  /** The target gets the client's token as well, once: later ones belong to the source's dialogue. */
  #logInTarget(): void {
    const { links } = this.#client
    const target = links.links[TARGET]
    if (this.#isTargetAsked || target === undefined || !this.#needsTokenFor(TARGET)) return
    const desk = links.desks[TARGET]
    this.#isTargetAsked = desk.authenticate(target, this.#authenticators[TARGET])
  }

  /** The cluster waits for a token that is neither configured nor the leader's own affair. */
  #needsTokenFor(cluster: Cluster): boolean {
    const isLed = this.#leader !== undefined && this.#leader !== cluster
    return isLed && this.#state[cluster] === 'login' && !this.#client.links.desks[cluster].isOwn
  }

  #waitForTarget(): void {
    const { settings } = this.#context
    if (settings.targetFailure === 'fail') return
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#state[TARGET] = 'down'
      this.#advance()
    }, TARGET_GRACE_MS)
  }

  #finish(): void {
    this.#finishWith(() => {
      if (this.#leader === undefined) {
        this.#reply({ kind: 'READY' })
        this.#switchToSegments()
      } else this.#reply({ kind: 'AUTH_SUCCESS', token: this.#successToken })
      this.#client.links.watcher = undefined
      this.#client.onHandshakeDone()
    })
  }

  #finishWith(last: () => void): void {
    if (this.#isDone) return
    this.stop()
    last()
    if (this.#client.links.watcher !== undefined) this.#client.close('the handshake failed')
  }

  #switchToSegments(): void {
    if (this.#version >= 5) this.#client.switchToSegments()
  }

  #reply(message: CqlResponse): void {
    this.#client.reply(this.#stream, this.#version, message)
  }
}
