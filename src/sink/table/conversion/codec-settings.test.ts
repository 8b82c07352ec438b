/** Codec settings: every mistake is told at once, with what was found. */
import { describe, expect, it } from 'vitest'
import { CODEC_DEFAULTS, compatFlags, compileCodecSettings } from './codec-settings.ts'

describe('compileCodecSettings', () => {
  it('accepts the defaults', () => {
    expect(compileCodecSettings(CODEC_DEFAULTS).problems).toBeUndefined()
  })

  it.each([
    ['locale', 'x'],
    ['locale', 'english language'],
    ['timeZone', 'Nowhere/Land'],
    ['timeZone', '+25:00'],
    ['timestamp', 'yyyy-MM-ddTHH'],
    ['date', 'yyyy-MM-dd]'],
    ['date', 'ISO_LOCAL_DATES'],
    ['time', "HH:mm 'x"],
    ['unit', 'seconds'],
  ] as const)('refuses %s %s', (setting, found) => {
    const { problems } = compileCodecSettings({ ...CODEC_DEFAULTS, [setting]: found })
    expect(problems?.map(problem => problem.setting)).toEqual([setting])
    expect(problems?.[0]?.message).toContain(`found ${found}`)
  })

  it('tells all problems together', () => {
    const wrong = { ...CODEC_DEFAULTS, locale: '?', timeZone: '?', unit: '?' }
    const settings = compileCodecSettings(wrong).problems?.map(problem => problem.setting)
    expect(settings).toEqual(['locale', 'timeZone', 'unit'])
  })

  it('reads flags out of the deviations that behave as the reference', () => {
    const flags = compatFlags(new Set(['D6', 'D1']))
    expect(flags).toEqual({ D6: 'reference', D9: 'fixed', D10: 'fixed', D23: 'fixed' })
  })
})
