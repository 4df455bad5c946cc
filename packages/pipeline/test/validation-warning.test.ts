import { describe, expect, test } from '@jest/globals'
import { validationWarning } from '../src/results/validation-warning.ts'

const images = { normal: 12, synthetic: 12 }

describe('a training that ends below where it began', () => {
  test('is told with its figures and what they stand on', () => {
    expect(validationWarning({ first: 0.85, returned: { step: 40, value: 0.592 }, images })).toBe(
      'the training ended below where it began: validation AUROC 0.8500 before, 0.5920 after 40 steps, ' +
        'on 12 held-out good images and 12 synthetic anomalies; the weights that it began with may serve better',
    )
    const one = { normal: 1, synthetic: 1 }
    expect(validationWarning({ first: 1, returned: { step: 1, value: 0 }, images: one })).toContain(
      'on 1 held-out good image and 1 synthetic anomaly;',
    )
  })

  test.each([
    ['as good', 0.7, { step: 40, value: 0.7 }],
    ['better', 0.7, { step: 40, value: 0.71 }],
    ['not validated', null, null],
  ])('%s: nothing is told', (_, first, returned) => {
    expect(validationWarning({ first, returned, images })).toBeNull()
  })
})
