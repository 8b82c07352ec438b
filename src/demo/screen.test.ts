import { describe, expect, it } from 'vitest'
import { Screen } from './screen.ts'

function record(isTTY: boolean, columns = 40) {
  const written: string[] = []
  const output = { isTTY, columns, write: (text: string) => written.push(text) }
  return { screen: new Screen(output), text: () => written.splice(0).join('') }
}

describe('Screen', () => {
  it('redraws the block in place', () => {
    const { screen, text } = record(true)
    const show = (...block: string[]) =>
      screen.show(
        () => block,
        () => 'never',
      )
    show('a', 'b')
    expect(text()).toBe('a\nb\n')
    show('c', 'd')
    expect(text()).toBe('\x1b[2F\x1b[Jc\nd\n')
    screen.line('note')
    expect(text()).toBe('\x1b[2F\x1b[Jnote\nc\nd\n')
    screen.release()
    screen.line('end')
    expect(text()).toBe('end\n')
  })

  it('cuts lines that would wrap', () => {
    const { screen, text } = record(true, 5)
    screen.show(
      () => ['123456789'],
      () => 'never',
    )
    expect(text()).toBe('1234\n')
  })

  it('prints plain lines, not too often, where there is no terminal', () => {
    const { screen, text } = record(false)
    for (let i = 0; i < 3; i++) {
      screen.show(
        () => ['never'],
        () => `line ${i}`,
      )
    }
    expect(text()).toBe('line 0\n')
  })

  it('prints steps with the time', () => {
    const { screen, text } = record(false)
    screen.step('ready')
    expect(text()).toMatch(/^ +\d+\.\d s {2}ready\n$/)
  })
})
