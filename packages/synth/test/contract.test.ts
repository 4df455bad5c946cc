import { describeSynthesizer } from '@tab/core/testing'
import {
  avoidBackground,
  chain,
  cutPaste,
  mixture,
  scratch,
  stain,
  SYNTHESIZER_KINDS,
  synthesizerOf,
  withProbability,
} from '@tab/synth'

for (const kind of SYNTHESIZER_KINDS) {
  describeSynthesizer(kind, {
    create: () => synthesizerOf({ kind }),
    sizes: [
      [64, 64],
      [96, 56],
      [33, 32],
    ],
  })
}

describeSynthesizer('mixture', { create: () => mixture(SYNTHESIZER_KINDS.map((kind) => [1, synthesizerOf({ kind })])) })
describeSynthesizer('chain', { create: () => chain([stain(), scratch()]) })
describeSynthesizer('withProbability 1', { create: () => withProbability(1, cutPaste()) })
describeSynthesizer('avoidBackground', { create: () => avoidBackground(cutPaste()) })
