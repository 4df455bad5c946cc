import { TabError } from '@tab/core'
import type Sharp from 'sharp'

/**
 * Loads sharp.
 * @throws MISSING_DEPENDENCY if it is not installed or does not run on this platform
 */
export async function loadSharp(): Promise<typeof Sharp> {
  try {
    return (await import('sharp')).default
  } catch (cause) {
    throw new TabError('MISSING_DEPENDENCY', {
      where: '@tab/data/node',
      message: 'sharp cannot be loaded; install it with: npm install sharp',
      cause,
    })
  }
}
