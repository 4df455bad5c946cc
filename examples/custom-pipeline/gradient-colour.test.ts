// The extractor owes this to every detector; run by `pnpm start`.
import { describe, test } from 'node:test'
import { describeExtractor } from '@tab/core/testing'
import { gradientColourExtractor } from './gradient-colour.ts'

describeExtractor('gradients and colours', { create: gradientColourExtractor, runner: { describe, test } })
