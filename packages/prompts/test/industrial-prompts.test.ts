import { describe, expect, test } from '@jest/globals'
import {
  articleFor,
  BTAD,
  industrialPrompts,
  KSDD2,
  MPDD,
  MVTEC_AD,
  PRESETS,
  VISA,
  type Noun,
  type PresetName,
} from '@tab/prompts'
import fc from 'fast-check'

const VOCABULARIES = { MVTEC_AD, BTAD, KSDD2, VISA, MPDD }
const CLASSES = Object.entries(VOCABULARIES).flatMap(([set, vocabulary]) =>
  Object.entries(vocabulary).map(([name, noun]) => [`${set} ${name}`, name, noun, vocabulary] as const),
)
const PRESET_NAMES = Object.keys(PRESETS) as PresetName[]

describe('industrialPrompts', () => {
  test('by hand', () => {
    const screw = industrialPrompts('screw', { preset: 'winclip', vocabulary: MVTEC_AD, defects: ['scratched'] })
    expect(screw.normal.slice(0, 3)).toEqual([
      'a photo of a screw.',
      'a photo of the screw.',
      'a photo of a small screw.',
    ])
    expect(screw.abnormal).toContain('a photo of a damaged screw.')
    expect(screw.abnormal).toContain('a photo of a scratched screw.')
    expect(screw.normal).toContain('a dark photo of an unblemished screw.')
    const leather = industrialPrompts('leather', { vocabulary: MVTEC_AD })
    expect(leather.abnormal).toContain('a photo of damaged leather.')
    expect(leather.abnormal).toContain('a photo of a small piece of torn leather.')
    expect(leather.normal).toContain('an industrial photo of flawless leather.')
    const tubes = industrialPrompts('tubes', { vocabulary: MPDD })
    expect(tubes.abnormal).toContain('a photo of bent metal tubes.')
    expect(tubes.normal).toContain('a photo of small intact metal tubes.')
    const positions = industrialPrompts('screw', { preset: 'tab', vocabulary: MVTEC_AD })
    expect(positions.abnormal).toContain('a photo of a screw with defect on the left.')
    expect(positions.normal.some((prompt) => prompt.includes('left'))).toBe(false)
  })

  test.each(CLASSES)(
    '%s: counts by formula, no duplicate, no slip of grammar, every preset',
    (_, name, noun, vocabulary) => {
      for (const presetName of PRESET_NAMES) {
        const preset = PRESETS[presetName]
        const { normal, abnormal } = industrialPrompts(name, { preset: presetName, vocabulary })
        const states = preset.states(noun)
        expect(normal).toHaveLength(states.normal.length * preset.templates.length)
        expect(abnormal).toHaveLength(states.abnormal.length * (1 + preset.positions.length) * preset.templates.length)
        const all = [...normal, ...abnormal]
        expect(new Set(all).size).toBe(all.length)
        const wrongArticle = new RegExp(`\\b(?:a|an|one) (?:\\w+ )?${noun.text}`)
        const slips = all.filter(
          (prompt) =>
            !/^[a-z].*\.$/.test(prompt) ||
            /[{}<>]|\s{2}|\ba [aeio]|\ban [^aeiou\s]|\b(?:a|an|the) (?:a|an|the)\b/.test(prompt) ||
            !prompt.includes(noun.text) ||
            (noun.form !== undefined && wrongArticle.test(prompt)),
        )
        expect(slips).toEqual([])
      }
    },
  )

  test('the counts of WinCLIP are those of the paper', () => {
    const { normal, abnormal } = industrialPrompts('screw', { preset: 'winclip' })
    expect([normal.length, abnormal.length]).toEqual([7 * 22, 4 * 22])
  })

  test('no state stands on both sides, none of a normal list speaks of a defect without "without"', () => {
    for (const [, , noun] of CLASSES) {
      const { normal, abnormal } = PRESETS.industrial.states(noun)
      const texts = normal.map(({ text }) => text)
      expect(texts.filter((text) => abnormal.some((state) => state.text === text))).toEqual([])
      for (const text of texts) {
        if (/\b(?:flaw|defect|damage|rust|scratch(?:es)?|cracks?|chips?|holes?|stains?|knots?)\b/.test(text))
          expect(text).toMatch(/without|undamaged/)
      }
    }
  })

  test("takes states, templates, defects and whole prompts of one's own", () => {
    const base = industrialPrompts('gear_wheel', { preset: 'winclip' })
    const own = industrialPrompts('gear_wheel', {
      preset: 'winclip',
      states: { normal: ['oiled {}'], abnormal: ['{} with a missing tooth'] },
      templates: ['an X-ray of a {}.'],
      defects: ['worn'],
      prompts: { abnormal: ['scrap'] },
    })
    expect(own.normal).toHaveLength(8 * 23)
    expect(own.abnormal).toHaveLength(6 * 23 + 1)
    expect(own.normal).toContain('an X-ray of an oiled gear wheel.')
    expect(own.abnormal).toContain('an X-ray of a gear wheel with a missing tooth.')
    expect(own.abnormal).toContain('a photo of a worn gear wheel.')
    expect(own.abnormal.at(-1)).toBe('scrap')
    expect(base.normal.every((prompt) => own.normal.includes(prompt))).toBe(true)
  })

  test('any name: the same lists again, no sentence twice, none on both sides', () => {
    const word = fc.stringMatching(/^[a-z]{1,9}$/)
    fc.assert(
      fc.property(
        word,
        fc.constantFrom(...PRESET_NAMES),
        fc.constantFrom<Noun['form']>(undefined, 'mass', 'plural'),
        (text, preset, form) => {
          const noun: Noun = form ? { text, form } : { text }
          const { normal, abnormal } = industrialPrompts(noun, { preset })
          expect(industrialPrompts(noun, { preset })).toEqual({ normal, abnormal })
          expect(new Set([...normal, ...abnormal]).size).toBe(normal.length + abnormal.length)
        },
      ),
      { numRuns: 30 },
    )
  })

  test.each([
    ['an', 'hourglass hour honest honourable heirloom heir'],
    ['a', 'screw housing hinge house heat-sink hub'],
    ['a', 'european eucalyptus ewer one-way once one-piece'],
    ['an', 'onerous orange oval egg iron abnormal idle east'],
    [
      'a',
      'unicorn union unit unique uniform universal unidirectional unipolar uniaxial unanimous useful used user usual',
    ],
    [
      'an',
      'unblemished uneven undamaged unidentified unimportant unimproved uninspected unissued unironed unilluminated',
    ],
    ['a', 'utensil utility uranium urethane ubiquitous ukulele'],
    ['an', 'umbrella usher utter urban upper ulcer yttrium éclair'],
    ['an', 'SMD LED LEDs LCD FPC HDMI MCU NFC RJ45 RF SSD XLR M8 LM317 AC IC EEPROM IDLER'],
    ['a', 'PCB PCBs USB USB3 UV UPS BGA CPU DIN GPU QFN TFT PT100 SCREW HOUSING NUT RAM ROM SIM MOSFET'],
    ['an', 'X-ray x-ray O-ring o-ring L-bracket S-hook H-beam F-clamp E-clip R-clip mSATA eMMC'],
    ['a', 'U-bolt u-bolt T-joint C-clip V-belt Y-pipe pH'],
    ['an', '8 8-pin 80 8.5 800 8000 8/10 11 11-pin 11th 18 18-inch 11,000 18000 1856 1800-watt'],
    ['a', '1 1-inch 1.8 1/8 0.8 7 9 10 12 17 19 28 110 118 180 1,100 1,800 100 108 1000 .8'],
    ['an', '"8-pin" (LED) “hour”'],
  ])('the article is %s before each of: %s', (article, words) => {
    for (const word of words.split(' ')) expect(`${articleFor(word)} ${word}`).toBe(`${article} ${word}`)
  })

  test('a name with patterns of replace() and with {} is taken as it is, on both sides and in every template', () => {
    for (const name of ['US$$ coin', 'part $& x', "$` and $'", 'nut {} bolt', '$1', '$<name>']) {
      for (const form of [undefined, 'mass', 'plural'] as const) {
        const { normal, abnormal } = industrialPrompts(
          { text: name, ...(form ? { form } : {}) },
          { defects: ['$& bent'] },
        )
        expect([...normal, ...abnormal].filter((prompt) => !prompt.includes(name))).toEqual([])
        expect(abnormal.some((prompt) => prompt.includes(`$& bent ${name}`))).toBe(true)
      }
    }
    expect(industrialPrompts('US$$ coin').normal[0]).toBe('a photo of a US$$ coin.')
  })

  test.each<[string, () => unknown, string]>([
    ['an empty name', () => industrialPrompts('  '), 'the class name must not be empty'],
    ['an empty noun', () => industrialPrompts({ text: '' }), 'the class name must not be empty'],
    [
      'a template without a place',
      () => industrialPrompts('x', { templates: ['a photo.'] }),
      'a template must have one {} where the noun goes, got "a photo."',
    ],
    [
      'a state with two places',
      () => industrialPrompts('x', { states: { normal: ['{} {}'] } }),
      'a state must have one {}',
    ],
    ['an empty defect', () => industrialPrompts('x', { defects: [' '] }), 'a defect must be an adjective'],
    ['an empty prompt', () => industrialPrompts('x', { prompts: { normal: [''] } }), 'a prompt must not be empty'],
    [
      'an unknown preset',
      () => industrialPrompts('x', { preset: 'clip' as never }),
      'preset must be winclip, tab, industrial, got clip',
    ],
    [
      'a sentence on both sides',
      () => industrialPrompts('x', { states: { abnormal: ['flawless {}'] } }),
      'on both sides',
    ],
  ])('refuses %s', (_, act, message) => expect(act).toThrow(message))
})
