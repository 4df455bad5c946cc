import { readFile } from 'node:fs/promises'
import { TabError } from '@tab/core'
import { CommanderError, type Command, type Option } from 'commander'
import { closest, distance } from 'fastest-levenshtein'
import { parse } from 'yaml'
import { notReadable } from '@tab/core/node'

/** What a command's help says of the other ways to set its options. */
const NOTE =
  '\nEach option can also be set in the environment (--image-size as TAB_IMAGE_SIZE) or in a file (tab --config FILE ...);\n' +
  'a flag goes before the environment, and the environment before the file; a list is replaced as a whole.'

/**
 * Lets every option of every subcommand come from a flag, the environment or the file of `--config`, in that order.
 * @param program with its subcommands
 */
export function configurable(program: Command): Command {
  for (const command of commandsBelow(program)) command.addHelpText('after', NOTE)
  const apply = async (_: Command, command: Command): Promise<void> => {
    const path = program.opts<{ config?: string }>().config ?? (process.env['TAB_CONFIG'] || undefined)
    if (path !== undefined) {
      const section = sectionOf(await readSections(program, path), namesOf(command, program))
      for (const [key, value] of Object.entries(section)) {
        const option = optionNamed(command, key)
        if (option) setOption(command, option, value, 'config', `${path}, ${command.name()}.${key}`)
      }
    }
    for (const option of settable(command)) {
      const variable = variableOf(option)
      const value = process.env[variable]
      if (value) setOption(command, option, value, 'env', variable)
    }
  }
  for (const parent of [program, ...commandsBelow(program)]) parent.hook('preSubcommand', apply)
  return program.option(
    '--config <file>',
    'defaults for the options of commands, as YAML or JSON (environment: TAB_CONFIG)',
  )
}

/** The environment variable of an option: `--image-size` is `TAB_IMAGE_SIZE`. */
function variableOf(option: Option): string {
  return `TAB_${option.name().replaceAll('-', '_').toUpperCase()}`
}

/** Options that a file or the environment may set: a config names what is compared, so it is given for each run. */
function settable(command: Command): Option[] {
  return command.options.filter(({ long, negate }) => long !== undefined && long !== '--config' && !negate)
}

/** An option by its flag's name or as camel case. */
function optionNamed(command: Command, key: string): Option | undefined {
  return settable(command).find((option) => option.name() === key || option.attributeName() === key)
}

function setOption(command: Command, option: Option, value: unknown, source: 'config' | 'env', where: string): void {
  if (!isSimple(value)) refuse(command, where, 'expected a value, or a list of values')
  const key = option.attributeName()
  const takesValue = option.required || option.optional
  const negatable = command.options.some((other) => other.negate && other.attributeName() === key)
  if (!takesValue || (negatable && String(value) === 'false')) {
    const truth = new Map([
      ...['true', '1', 'yes', 'on'].map((text) => [text, true] as const),
      ...['false', '0', 'no', 'off'].map((text) => [text, false] as const),
    ]).get(String(value).toLowerCase())
    if (truth === undefined) refuse(command, where, `expected true or false, got "${String(value)}"`)
    if (truth !== command.getOptionValue(key)) command.setOptionValueWithSource(key, truth, source)
    return
  }
  if (option.variadic) {
    const list = Array.isArray(value) ? value.map(String) : listOf(String(value))
    option.default(list) // a flag replaces what is its default, and would add to anything else
    command.setOptionValueWithSource(key, list, source)
    return
  }
  const text = Array.isArray(value) ? value.join(',') : String(value)
  try {
    const parsed: unknown = option.parseArg ? option.parseArg(text, undefined as never) : text
    command.setOptionValueWithSource(key, parsed, source)
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    refuse(command, where, error.message)
  }
}

/** A value that can be written as one word, or a list of such. */
function isSimple(value: unknown): boolean {
  return Array.isArray(value) ? value.every((part) => typeof part !== 'object') : typeof value !== 'object'
}

/** A list with commas between, or in JSON, for paths with commas in them. */
function listOf(text: string): string[] {
  if (text.trimStart().startsWith('[')) {
    try {
      const value: unknown = JSON.parse(text)
      if (Array.isArray(value)) return value.map(String)
    } catch {
      // a path may begin so
    }
  }
  return text.split(/\s*,\s*/)
}

function refuse(command: Command, where: string, reason: string): never {
  return command.error(`error: ${where} is invalid. ${reason}`, { code: 'commander.invalidArgument' })
}

type Section = Readonly<Record<string, unknown>>

/**
 * Reads a config file and checks the keys of all its sections.
 * @throws NOT_FOUND, INVALID_DATA
 */
async function readSections(program: Command, path: string): Promise<Section> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw notReadable('--config', 'a readable file', path, cause)
  })
  let value: unknown
  try {
    value = parse(text)
  } catch (cause) {
    const [reason] = (cause instanceof Error ? cause.message : String(cause)).split('\n') // the rest draws where
    const message = `not YAML: ${reason}`
    throw new TabError('INVALID_DATA', { where: path, message, cause })
  }
  checkSection(program, value ?? {}, path)
  return (value ?? {}) as Section
}

function checkSection(command: Command, value: unknown, where: string): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TabError('INVALID_DATA', { where, expected: 'a mapping', actual: JSON.stringify(value) })
  }
  const options = command.parent === null ? [] : settable(command)
  for (const [key, entry] of Object.entries(value)) {
    const child = command.commands.find((other) => other.name() === key)
    if (child) checkSection(child, entry, `${where}, ${key}`)
    else if (command.parent === null || !optionNamed(command, key)) {
      const known = [...command.commands.map((other) => other.name()), ...options.map((option) => option.name())]
      const near = closest(key, known)
      const hint =
        distance(key, near) <= Math.max(2, key.length / 3) ? `Did you mean ${near}?` : `It takes ${known.join(', ')}`
      throw new TabError('INVALID_DATA', { where, message: `unknown key "${key}". ${hint}` })
    }
  }
}

function sectionOf(sections: Section, names: readonly string[]): Section {
  return names.reduce((section, name) => (section[name] ?? {}) as Section, sections)
}

/** Names of a command below the program: `prompts`, `encode`. */
function namesOf(command: Command, program: Command): string[] {
  const above = command.parent && command.parent !== program ? namesOf(command.parent, program) : []
  return [...above, command.name()]
}

function commandsBelow(command: Command): Command[] {
  return command.commands.flatMap((child) => [child, ...commandsBelow(child)])
}
