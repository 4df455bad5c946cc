import { describe, expect, test } from '@jest/globals'
import type { ModelCard } from '@tab/pipeline/results'
import { pretrainText, pretrainWarnings } from '../src/terminal/pretrain-text.ts'

const at = (step: number, value: number) => ({ step, value })

/** As much of a card as the text is made of. */
function cardWith(validation: Partial<ModelCard['validation']>): ModelCard {
  const none = { first: null, last: null, best: null, returned: null, warning: null, every: 5, share: 0.1 }
  const images = { normal: 0, synthetic: 0 }
  return { text: 'encoded by textModel', steps: 20, validation: { ...none, images, ...validation } } as ModelCard
}

describe('the outcome of tab pretrain', () => {
  test('says on how many images its figure stands', () => {
    const images = { normal: 6, synthetic: 6 }
    const better = cardWith({ first: 0.5, best: at(20, 0.75), returned: at(20, 0.75), images })
    expect(pretrainText(better, '/x/backbone.safetensors')).toBe(
      'validation AUROC, normal against synthetic: 0.5000 before, 0.7500 after 20 steps, ' +
        'on 6 held-out good images and 6 synthetic anomalies\nbackbone: /x/backbone.safetensors\n',
    )
    expect(pretrainWarnings(better)).toEqual([])
  })

  test('ends with the warning, and names the best weights on the way', () => {
    const worse = cardWith({ first: 0.8, best: at(0, 0.8), returned: at(20, 0.6), warning: 'it ended below' })
    expect(pretrainText(worse, 'b').split('\n').slice(1)).toEqual([
      'better on the way: 0.8000 after 0 steps; --patience keeps the best weights',
      'backbone: b',
      'warning: it ended below',
      '',
    ])
    expect(pretrainWarnings(worse)).toEqual(['warning: it ended below'])
  })

  test('says that nothing was held out', () => {
    expect(pretrainText(cardWith({}), 'b')).toMatch(/none before, none after 20 steps; no image was held out\n/)
  })
})
