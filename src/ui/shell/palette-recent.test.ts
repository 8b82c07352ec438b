import { beforeEach, expect, it, vi } from 'vitest'
import { keepRecent, recentPlaces } from './palette-recent.ts'

const kept = new Map<string, string>()
beforeEach(() => {
  kept.clear()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  })
})

const place = (name: string) => ({
  key: `job ${name}`,
  title: name,
  kind: 'Job',
  href: `/ui/${name}`,
})

it('keeps five places, the last one first, each once', () => {
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'b']) keepRecent(place(name))
  expect(recentPlaces().map(one => one.title)).toEqual(['b', 'f', 'e', 'd', 'c'])
})

it.each([
  'no json',
  '{"key":"a"}',
  '[{"key":"a"}]',
  '[{"key":"a","title":"a","kind":"a","href":"https://a"}]',
])('forgets what is no place of the page: %s', text => {
  kept.set('scamander-recent', text)
  expect(recentPlaces()).toEqual([])
})
