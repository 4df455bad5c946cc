import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'

const { generated, kernelModule } = (await import('../scripts/build-kernels.mjs' as string)) as {
  generated(name: string): URL
  kernelModule(name: string): Promise<string>
}

test.each(['whitening', 'k-center', 'co-moments'])(
  'the committed kernel %s is what its source compiles to',
  async (name) => {
    expect(readFileSync(generated(name), 'utf8')).toBe(await kernelModule(name))
  },
)
