import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { chooseRestPort } from './rest-port.ts'

async function taken(): Promise<{ port: number; close: () => void }> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no address')
  return { port: address.port, close: () => server.close() }
}

describe('chooseRestPort', () => {
  it('replaces the default port when it is taken, and says so', async () => {
    const { port, close } = await taken()
    const chosen = await chooseRestPort(undefined, port)
    close()
    expect(chosen.isReplacement).toBe(true)
    expect(chosen.port).not.toBe(port)
  })

  it('keeps the default port when it is free', async () => {
    const { port, close } = await taken()
    close()
    expect(await chooseRestPort(undefined, port)).toEqual({ port, isReplacement: false })
  })

  it('never replaces a port that was asked for', async () => {
    const { port, close } = await taken()
    await expect(chooseRestPort(port)).rejects.toMatchObject({ code: 'SCM_DEMO_PORT_TAKEN' })
    close()
  })

  it.each([0, -1, 1.5, 65_536])('refuses port %s', async port => {
    await expect(chooseRestPort(port)).rejects.toMatchObject({ code: 'SCM_DEMO_OPTION' })
  })
})
