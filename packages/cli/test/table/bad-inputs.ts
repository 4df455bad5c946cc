import { chmod, cp, mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { InputKind } from './commands.ts'

/** Spoils a copy of a good input at `path`; gives the path of what is wrong, where that is another. */
type Spoil = (path: string) => Promise<string | void>

/** A way in which an input is bad. */
export interface BadInput {
  readonly name: string
  /** Whether there is a good copy to spoil. */
  readonly copied: boolean
  readonly spoil: Spoil
  /** What the message says, besides the name. */
  readonly says?: RegExp
  /** Whether only the permissions are wrong, which root does not feel. */
  readonly needsUser?: boolean
}

const DENIED = /permission denied|EACCES/

async function firstFile(folder: string, suffix: string): Promise<string> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(suffix)).sort()
  return join(folder, names[0] as string)
}

async function halve(file: string): Promise<string> {
  await truncate(file, Math.floor((await stat(file)).size / 2))
  return file
}

const missing: BadInput = {
  name: 'missing',
  copied: false,
  spoil: async () => undefined,
  says: /no such|not exist|none|got |cannot/,
}
const forbidden: BadInput = {
  name: 'forbidden',
  copied: true,
  spoil: (path) => chmod(path, 0),
  says: DENIED,
  needsUser: true,
}
const aFolder: BadInput = { name: 'a folder', copied: false, spoil: async (path) => void (await mkdir(path)) }
const text: BadInput = { name: 'a text', copied: false, spoil: (path) => writeFile(path, 'no such thing\n'.repeat(9)) }
const emptyFile: BadInput = { name: 'empty', copied: false, spoil: (path) => writeFile(path, '') }

const OF_A_FILE: readonly BadInput[] = [
  missing,
  forbidden,
  emptyFile,
  { name: 'cut off in the middle', copied: true, spoil: halve },
  { name: 'cut off in its header', copied: true, spoil: (path) => truncate(path, 20) },
  {
    name: 'with bytes changed',
    copied: true,
    async spoil(path) {
      const bytes = await readFile(path)
      bytes.fill(0x7b, 4, 40)
      await writeFile(path, bytes)
    },
  },
  aFolder,
  text,
]

const imageWithin = (name: string, spoil: (file: string) => Promise<unknown>): BadInput => ({
  name: `with an image that is ${name}`,
  copied: true,
  async spoil(path) {
    const image = await firstFile(join(path, 'train'), '.png')
    await spoil(image)
    return image
  },
})

const OF_IMAGES: readonly BadInput[] = [
  missing,
  forbidden,
  { name: 'empty', copied: false, spoil: async (path) => void (await mkdir(path)) },
  {
    name: 'with a folder that is forbidden',
    copied: true,
    async spoil(path) {
      await chmod(join(path, 'train/good'), 0)
      return join(path, 'train/good')
    },
    says: DENIED,
    needsUser: true,
  },
  { ...imageWithin('forbidden', (file) => chmod(file, 0)), says: DENIED, needsUser: true },
  imageWithin('empty', (file) => truncate(file, 0)),
  imageWithin('cut off', halve),
  imageWithin('a text', (file) => writeFile(file, 'no image\n')),
  {
    name: 'of texts alone',
    copied: false,
    async spoil(path) {
      await mkdir(join(path, 'train/good'), { recursive: true })
      await writeFile(join(path, 'train/good/a.txt'), 'hello')
    },
  },
  text,
]

const fileWithin = (file: string, name: string, spoil: (file: string) => Promise<unknown>): BadInput => ({
  name: `with ${file} ${name}`,
  copied: true,
  spoil: async (path) => void (await spoil(join(path, file))),
})

/** Every kind of bad input, by what the input is. */
export const BAD_INPUTS: Readonly<Record<InputKind, readonly BadInput[]>> = {
  weights: OF_A_FILE,
  detector: OF_A_FILE,
  images: OF_IMAGES,
  // Images that may be mended while it waits are no error.
  watched: OF_IMAGES.filter(({ name }) => ['missing', 'forbidden', 'with a folder that is forbidden'].includes(name)),
  data: [
    ...OF_IMAGES,
    {
      name: 'of an unknown layout',
      copied: false,
      async spoil(path) {
        for (const folder of ['one', 'two']) await mkdir(join(path, folder), { recursive: true })
        for (const folder of ['one', 'two']) await writeFile(join(path, folder, 'a.png'), 'x')
      },
    },
  ],
  'text model': [
    missing,
    forbidden,
    aFolder,
    text,
    fileWithin('tokenizer.json', 'cut off', halve),
    fileWithin('config.json', 'empty', (file) => truncate(file, 0)),
    fileWithin('onnx/text_model.onnx', 'cut off', halve),
    { ...fileWithin('onnx/text_model.onnx', 'forbidden', (file) => chmod(file, 0)), says: DENIED, needsUser: true },
  ],
  // One that is missing is made, and damaged features are computed again.
  cache: [
    forbidden,
    {
      name: 'read-only and empty',
      copied: false,
      spoil: async (path) => void (await mkdir(path, { mode: 0o555 })),
      says: DENIED,
      needsUser: true,
    },
    text,
  ],
  area: [missing, forbidden, emptyFile, aFolder, text],
  folder: [missing, forbidden, text],
  config: [
    missing,
    forbidden,
    { name: 'cut off', copied: false, spoil: (path) => writeFile(path, 'datasets: [a, {b: ') },
    { name: 'a list', copied: false, spoil: (path) => writeFile(path, '- a\n- b\n') },
    { name: 'of other keys', copied: false, spoil: (path) => writeFile(path, 'colour: red\n') },
    aFolder,
  ],
  fits: [
    missing,
    forbidden,
    emptyFile,
    { name: 'a list of texts', copied: false, spoil: (path) => writeFile(path, '- a\n- b\n') },
    { name: 'of other keys', copied: false, spoil: (path) => writeFile(path, '- data: washers\n  colour: red\n') },
    aFolder,
  ],
}

/** A bad input made beside the good one; gives the path to hand to the command and that of what is wrong. */
export async function makeBad(good: string, path: string, bad: BadInput): Promise<string> {
  if (bad.copied) await cp(good, path, { recursive: true })
  return (await bad.spoil(path)) ?? path
}
