/**
 * One request and one answer over a socket, for the probes of a starting server.
 * The socket may still be connecting; writes wait for it. Used by the CQL and the Kafka probe.
 * Invariant: rejects on error, on end of stream and on timeout, so a probe never hangs.
 */
import type { Socket } from 'node:net'

/** Sends `request`; resolves with the first whole frame that comes back. */
export function exchange(
  socket: Socket,
  request: Buffer,
  options: {
    timeoutMs: number
    /** The size of the frame at the start of the buffer, once it can be told. */
    frameBytes: (buffered: Buffer) => number | undefined
  },
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let buffered: Buffer = Buffer.alloc(0)
    const finish = (act: () => void) => {
      clearTimeout(timer)
      socket.off('data', onData).off('error', onError).off('close', onClose)
      socket.on('error', () => socket.destroy())
      act()
    }
    const onData = (chunk: Buffer) => {
      buffered = Buffer.concat([buffered, chunk])
      const size = options.frameBytes(buffered)
      if (size !== undefined && buffered.length >= size) {
        finish(() => resolve(buffered.subarray(0, size)))
      }
    }
    const onError = (error: Error) => finish(() => reject(error))
    const onClose = () => finish(() => reject(new Error('the server closed the connection')))
    const timer = setTimeout(
      () => finish(() => reject(new Error(`no answer within ${options.timeoutMs} ms`))),
      options.timeoutMs,
    )
    socket.on('data', onData).on('error', onError).on('close', onClose)
    socket.write(request)
  })
}
