/**
 * Loads an optional package.
 * @param load the dynamic import, written where bundlers see it
 * @throws Error saying what to install
 */
export async function loadPackage<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (error) {
    const detail = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
    throw new Error(`${name} cannot be loaded (${detail}); install it with: npm install ${name}`, { cause: error })
  }
}
