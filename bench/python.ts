import { spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A Python process that runs the functions of a script in bench/peers, one at a time, on request. */
export interface Python {
  /** Runs a function without arguments and gives what it returns. */
  call(name: string): Promise<unknown>
  stop(): void
}

/**
 * Starts a peer. Its script ends with `serve({...})` of bench/peers/serve.py.
 * @param modules Python modules the peer needs
 * @param threads that its libraries may use
 * @returns undefined, with a line that says why, where Python or a module is not installed
 */
export function startPython(
  script: string,
  modules: readonly string[],
  args: readonly string[],
  threads = 1,
): Python | undefined {
  const command = findPython(modules)
  if (!command) return undefined
  const path = fileURLToPath(new URL(`peers/${script}`, import.meta.url))
  const limits = { OMP_NUM_THREADS: `${threads}`, OPENBLAS_NUM_THREADS: `${threads}` }
  const python = spawn(command, [path, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...limits },
  })
  const answers = createInterface({ input: python.stdout })[Symbol.asyncIterator]()
  return {
    async call(name) {
      python.stdin.write(`${name}\n`)
      const { value, done } = await answers.next()
      if (done) throw new Error(`${script} ended during ${name}`)
      return JSON.parse(value)
    },
    stop: () => void python.stdin.end(),
  }
}

/** The first interpreter that has the modules: the one named by PYTHON, that on the path, the system's. */
function findPython(modules: readonly string[]): string | undefined {
  const imports = modules.map((name) => `import ${name}`).join('\n')
  let why = ''
  for (const command of [process.env['PYTHON'], 'python3', '/usr/bin/python3']) {
    if (!command) continue
    const probe = spawnSync(command, ['-c', imports], { encoding: 'utf8' })
    if (probe.status === 0) return command
    why = (probe.error?.message ?? probe.stderr).trim().split('\n').at(-1) ?? ''
  }
  console.log(`no comparison with Python: ${why}`)
  return undefined
}
