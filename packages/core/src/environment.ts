interface WithEnvironment {
  readonly process?: { readonly env?: Record<string, string | undefined> }
}

/** The environment variables of the process; undefined in a browser. */
export function environment(): Record<string, string | undefined> | undefined {
  return (globalThis as WithEnvironment).process?.env
}
