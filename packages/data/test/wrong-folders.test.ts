import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rename, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { checkDataset, listCategories, listImages, openDataset } from '@tab/data/node'
import fc from 'fast-check'
import { writeTree, type Content } from './miniature-tree.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tab-wrong-'))
})
afterAll(() => rm(folder, { recursive: true }))

let trees = 0
async function tree(files: Readonly<Record<string, Content>>, name = 'parts'): Promise<string> {
  const root = join(folder, String(trees++), name)
  await mkdir(root, { recursive: true })
  await writeTree(root, files)
  return root
}

const text = { text: '' }
const image = (...files: string[]): Record<string, Content> => Object.fromEntries(files.map((file) => [file, text]))
const sound = {
  ...image('train/good/0.png', 'train/good/1.png', 'test/good/0.png', 'test/bar/0.png', 'test/bar/1.png'),
  ...image('ground_truth/bar/0_mask.png', 'ground_truth/bar/1_mask.png'),
}
/** The files of `sound`, some renamed. */
const renamed = (from: string, to: string): Record<string, Content> =>
  Object.fromEntries(Object.entries(sound).map(([file, content]) => [file.replace(from, to), content]))

const told = async (root: string): Promise<string[]> =>
  ((await openDataset(root)).warnings ?? []).map(({ kind, path }) => `${kind} ${path}`)

describe('an unknown layout is refused, with what it may have been meant for', () => {
  test.each([
    [
      'folders named otherwise',
      image('normal_dir/0.png', 'abnormal_dir/0.png', 'mask_dir/0.png'),
      'normal_dir: images of good parts are expected in a folder good',
    ],
    ['OK and NG', image('OK/0.png', 'NG/0.png'), 'OK: images of good parts are expected in a folder good'],
    ['Good and Bad', image('Good/0.png', 'Bad/0.png'), 'Good: images of good parts'],
    ['a slip', renamed('train/good', 'train/goods'), 'train/goods: train/good is expected'],
    ['a slip of the split', renamed('train/good', 'trian/good'), 'trian/good: train/good is expected'],
    [
      'letter case',
      { ...renamed('train/good', 'Train/Good'), ...image('Test/good/0.png') },
      'Train/Good: train/good is expected',
    ],
    [
      'training images without a folder of good ones',
      image('train/0.png', 'test/0.png'),
      'train: its good images are expected in train/good',
    ],
    ['a category', image('nut/train/goods/0.png', 'nut/test/good/0.png'), 'nut/train/goods: train/good is expected'],
    ['a table of another name', { ...image('0.png', '1.png'), 'labels.csv': text }, 'holds a table (labels.csv)'],
    ['annotations', { ...image('0.png', '1.png'), '0.txt': text }, 'holds annotations, by their names: 0.txt'],
    ['masks among images', image('0.png', '0_mask.png'), 'holds masks, by their names: 0_mask.png'],
    ['masks as KolektorSDD2 names them', image('0.png', '0_GT.png'), 'holds masks, by their names: 0_GT.png'],
    ['masks as KolektorSDD names them', image('0.png', '0_label.bmp'), 'holds masks, by their names: 0_label.bmp'],
    ['folders beside images', image('0.png', 'more/1.png'), 'has folders next to its images: more'],
    [
      'other files beside images',
      { ...image('0.png'), 'program.exe': text },
      'holds other files next to its images: program.exe',
    ],
  ])('%s', async (_, files, hint) => {
    const root = await tree(files)
    await expect(openDataset(root)).rejects.toMatchObject({
      code: 'INVALID_DATA',
      message: expect.stringContaining(hint),
    })
    await expect(openDataset(root)).rejects.toThrow(/which is not a known layout[^]*\n {2}images +images of good parts/)
    await expect(checkDataset(root)).rejects.toThrow(hint)
    await expect(listCategories(root)).rejects.toThrow(hint)
  })

  test.each([
    ['ground_truth/bar', 'holds masks, by their names: 0_mask.png, 1_mask.png'],
    ['test/bar', /is a defect type of the data set .* by its name/],
  ])('%s of a data set is no folder of good parts', async (part, reason) => {
    await expect(openDataset(join(await tree(sound), part))).rejects.toThrow(reason)
  })

  test.each(['NG', 'defective', 'anomalies', 'mask_dir', 'ground_truth'])('nor is a folder named %s', async (name) => {
    await expect(openDataset(await tree(image('0.png'), name))).rejects.toThrow(/by its name/)
  })

  test('categories that are nearly left out are named; so are those of several layouts', async () => {
    const nearly = await tree({ ...image('nut/train/good/0.png', 'bolt/train/Good/0.png') })
    await expect(listCategories(nearly)).rejects.toThrow('bolt/train/Good: train/good is expected')
    await expect(openDataset(nearly, { category: 'bolt' })).rejects.toThrow(
      'perhaps bolt/train/Good: train/good is expected',
    )
    expect((await checkDataset(nearly)).problems).toContainEqual({
      kind: 'no-category',
      path: 'bolt/train/Good',
      message: 'train/good is expected',
    })
    expect((await openDataset(nearly, { category: 'nut' })).samples).toHaveLength(1)
    const mixed = await tree(image('nut/train/good/0.png', 'wood/train/ok/0.png'))
    await expect(listCategories(mixed)).rejects.toThrow('nut (mvtec-ad), wood (btad)')
    expect(await listCategories(mixed, { layout: 'btad' })).toEqual(['wood'])
    expect((await openDataset(mixed, { category: 'wood' })).samples).toHaveLength(1)
    const alike = await tree(image('nut/train/good/0.png', 'tubes/train/good/0.png'))
    expect(await listCategories(alike)).toEqual(['nut', 'tubes'])
  })
})

describe('a folder that makes samples wrong is refused by the data set and named by the check', () => {
  test.each([
    [
      'Good for good',
      renamed('test/good', 'test/Good'),
      'misnamed-folder test/Good',
      'good parts are expected in test/good',
    ],
    ['OK for good', renamed('test/good', 'test/OK'), 'misnamed-folder test/OK', 'good parts are expected in test/good'],
    [
      'masks in the test',
      renamed('ground_truth/bar', 'test/mask'),
      'misnamed-folder test/mask',
      'masks are expected in ground_truth',
    ],
    [
      'another case of a defect',
      renamed('ground_truth/bar', 'ground_truth/Bar'),
      'misnamed-folder ground_truth/Bar',
      'the masks of test/bar are expected in ground_truth/bar',
    ],
    [
      'a slip in a defect',
      renamed('ground_truth/bar', 'ground_truth/bars'),
      'misnamed-folder ground_truth/bars',
      'ground_truth/bar',
    ],
    [
      'another case of the masks',
      renamed('ground_truth', 'Ground_Truth'),
      'misnamed-folder Ground_Truth',
      'ground_truth is expected',
    ],
    ['another word for masks', renamed('ground_truth', 'masks'), 'misnamed-folder masks', 'ground_truth is expected'],
    ['another case of the test', renamed('test/', 'Test/'), 'misnamed-folder Test', 'test is expected'],
    [
      'nested good images',
      { ...sound, ...image('train/good/day1/7.png', 'train/good/day1/8.png') },
      'nested-images train/good/day1',
      'holds 2 images, but only images directly in train/good are read',
    ],
    [
      'nested defects',
      { ...sound, ...image('test/bar/day1/left/7.png') },
      'nested-images test/bar/day1/left',
      'holds an image',
    ],
    [
      'nested masks',
      { ...sound, ...image('ground_truth/bar/new/7.png') },
      'nested-images ground_truth/bar/new',
      'holds an image',
    ],
    [
      'two images of one stem',
      { ...sound, ...image('test/bar/0.jpg') },
      'same-stem test/bar/0.png',
      'differs from 0.jpg only in suffix or Unicode form',
    ],
    [
      'two masks of one stem',
      { ...sound, ...image('ground_truth/bar/0_mask.bmp') },
      'same-stem ground_truth/bar/0_mask.png',
      'either could be the mask of test/bar/0.png',
    ],
    [
      'a mask among good images',
      { ...sound, ...image('train/good/0_mask.png') },
      'mask-as-image train/good/0_mask.png',
      'is a mask, by its name',
    ],
    [
      'a mask in other letters',
      renamed('ground_truth/bar/0_mask', 'ground_truth/bar/0_MASK'),
      'missing-mask test/bar/0.png',
      '0_MASK.png differs in letter case',
    ],
    ['ok beside good', image('good/0.png', 'ok/0.png'), 'misnamed-folder ok', 'good parts are expected in good'],
    [
      'masks beside good',
      image('good/0.png', 'dent/0.png', 'mask/dent/0.png'),
      'misnamed-folder mask',
      'masks are expected in masks',
    ],
    ['a split beside good', image('good/0.png', 'test/0.png'), 'misnamed-folder test', 'it names a part of a data set'],
    [
      'BTAD with good',
      image('train/ok/0.bmp', 'test/good/0.bmp', 'test/ko/0.bmp'),
      'misnamed-folder test/good',
      'good parts are expected in test/ok',
    ],
    [
      'MVTec AD 2',
      image('train/good/0.png', 'test_public/good/0.png', 'test_public/Bad/0.png'),
      'misnamed-folder test_public/Bad',
      'test_public/bad is expected',
    ],
    [
      'MVTec LOCO',
      image('train/good/0.png', 'test/Good/0.png', 'test/logical_anomalies/0.png'),
      'misnamed-folder test/Good',
      'good parts are expected in test/good',
    ],
    [
      'KolektorSDD',
      { 'kos01/Part0.jpg': 'image', 'kos01/Part0_label.bmp': 'black', 'Kos02/Part0.jpg': text } as const,
      'misnamed-folder Kos02',
      'kos02 is expected',
    ],
    [
      'Magnetic Tile',
      image('MT_Free/Imgs/0.jpg', 'MT_crack/Imgs/0.jpg'),
      'misnamed-folder MT_crack',
      'MT_Crack is expected',
    ],
  ])('%s', async (_, files, problem, message) => {
    const root = await tree(files as Record<string, Content>)
    await expect(openDataset(root)).rejects.toMatchObject({
      code: 'INVALID_DATA',
      message: expect.stringContaining(message),
    })
    const { problems } = await checkDataset(root)
    const found = problems.filter(({ kind, path }) => `${kind} ${path}` === problem)
    expect(found.map((each) => each.message)).toEqual([expect.stringContaining(message)])
  })

  test('a defect type may be named as masks are, when it has some', async () => {
    const root = await tree({ ...image('train/good/0.png', 'test/label/0.png', 'ground_truth/label/0.png') })
    expect((await openDataset(root)).samples.filter(({ maskPath }) => maskPath !== undefined)).toHaveLength(1)
  })

  test('defects of similar names keep their own masks', async () => {
    const root = await tree({
      ...image('train/good/0.png', 'test/bent/0.png', 'test/dent/0.png', 'ground_truth/bent/0.png'),
    })
    expect(await told(root)).toEqual(['no-mask-folder test/dent'])
  })
})

describe('what is left out is told of', () => {
  test('pictures that are not read, names beside them, and outputs', async () => {
    const root = await tree({
      ...sound,
      ...image('train/good/2.HEIC', 'test/bar/notes.txt', 'train/good/4.xyz', 'validation/good/0.png'),
      'train/good/3.0001': 'image',
      'test/heatmaps/.tab-output': text,
      'test/heatmaps/0.png': text,
    })
    await rename(join(root, 'train/good/3.0001'), join(root, 'train/good/3.0001.png'))
    await rename(join(root, 'train/good/3.0001.png'), join(root, 'train/good/3.0001'))
    expect(await told(root)).toEqual([
      'output-folder test/heatmaps',
      'left-out train/good/2.HEIC',
      'left-out train/good/3.0001',
      'unknown-file train/good/4.xyz',
      'unknown-file validation/good/0.png',
    ])
    expect((await openDataset(root)).samples).toHaveLength(5)
    await expect(openDataset(join(root, 'test/heatmaps'))).rejects.toThrow('is the output of a command')
  })

  test('a link to itself is one problem, also by a round of two', async () => {
    const root = await tree(sound)
    await symlink('.', join(root, 'test', 'again'))
    await symlink('self', join(root, 'self'))
    const { problems } = await checkDataset(root)
    const links = problems.filter(({ kind }) => kind !== 'unreadable')
    expect(links.map(({ kind, path }) => `${kind} ${path}`)).toEqual(['circular-link self', 'circular-link test/again'])
    expect((await openDataset(root)).samples).toHaveLength(5)
    const round = await tree(image('a/0.png', 'b/1.png'))
    await symlink(join(round, 'b'), join(round, 'a/to-b'))
    await symlink(join(round, 'a'), join(round, 'b/to-a'))
    const { files, leftOut } = await listImages(round)
    expect(files).toHaveLength(4)
    expect(leftOut.map(({ path }) => path.slice(round.length + 1))).toEqual(['a/to-b/to-a', 'b/to-a/to-b'])
  })

  test('names that are not UTF-8, pipes and files without suffix', async () => {
    const root = await tree(image('0.png', 'more/.hidden.png', 'more/document.pdf', 'more/x.heic'))
    await writeTree(root, { 'more/frame.png': 'image' })
    await rename(join(root, 'more/frame.png'), join(root, 'more/frame'))
    execFileSync('sh', ['-c', 'printf x > "$(printf "b\\351.png")"; mkfifo pipe.png'], { cwd: root })
    const { files, leftOut } = await listImages(root)
    expect(files).toEqual([join(root, '0.png'), join(root, 'more/frame')])
    expect(leftOut.map(({ path, reason }) => `${path.slice(root.length + 1)} ${reason}`)).toEqual([
      'b\ufffd.png has a name that is not UTF-8 and cannot be opened: rename it',
      'pipe.png is neither a file nor a folder',
      'more/x.heic is .heic, which is not read; convert it to PNG',
    ])
  })
})

/** Runs as a user whom permissions bind. */
async function asNobody<T>(run: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return run()
  process.seteuid?.(65534)
  try {
    return await run()
  } finally {
    process.seteuid?.(0)
  }
}

describe('what may not be read is said to be so, never taken for empty, absent or unknown', () => {
  test.each([
    ['the training images', sound, 'train'],
    ['the good ones', sound, 'train/good'],
    ['masks', sound, 'ground_truth/bar'],
    ['a folder of no known place', { ...sound, ...image('more/0.png') }, 'more'],
    ['a category', image('nut/train/good/0.png', 'bolt/train/good/0.png'), 'bolt'],
    [
      'a manifest',
      { ...image('0.png'), 'manifest.csv': { text: 'path,split,label\n0.png,train,0\n' } },
      'manifest.csv',
    ],
    ['a file without a suffix', image('0.png', 'frame'), 'frame'],
    ['the root', image('0.png'), '.'],
  ])('%s', async (_, files, forbidden) => {
    const root = await tree(files)
    await Promise.all([folder, join(root, '..'), root].map((path) => chmod(path, 0o755)))
    await chmod(join(root, forbidden), 0)
    const named = `${join(root, forbidden)} cannot be read: permission denied`
    try {
      await asNobody(async () => {
        await expect(openDataset(root, { category: undefined })).rejects.toThrow(named)
        await expect(checkDataset(root)).rejects.toThrow(named)
      })
    } finally {
      await chmod(join(root, forbidden), 0o755)
    }
  })

  test('folders of images', async () => {
    const root = await tree(image('0.png', 'more/0.png'))
    await Promise.all([folder, join(root, '..'), root].map((path) => chmod(path, 0o755)))
    await chmod(join(root, 'more'), 0)
    await asNobody(() => expect(listImages(root)).rejects.toThrow('more cannot be read: permission denied'))
  })
})

describe('names in any Unicode form', () => {
  const letters = fc.stringMatching(/^[a-zäöüßéÅñ]{1,6}$/u)
  const form = fc.constantFrom('NFC', 'NFD')

  test('masks meet their images, whatever the form of either, in folder and file', async () => {
    const names = fc.uniqueArray(fc.tuple(letters, form, form), {
      minLength: 1,
      maxLength: 4,
      selector: ([name]) => name.normalize('NFC'),
    })
    await fc.assert(
      fc.asyncProperty(letters, form, form, names, async (word, one, other, files) => {
        const defect = `${word}-fleck`
        const root = await tree({
          ...image('train/good/0.png'),
          ...(Object.assign(
            {},
            ...files.map(([name, of, by]) =>
              image(
                `test/${defect.normalize(one)}/${name.normalize(of)}.png`,
                `ground_truth/${defect.normalize(other)}/${name.normalize(by)}_mask.png`,
              ),
            ),
          ) as Record<string, Content>),
        })
        const { samples, warnings } = await openDataset(root)
        expect(warnings).toEqual([])
        const pairs = samples.filter(({ label }) => label === 1).map(({ path, maskPath = '' }) => [path, maskPath])
        expect(pairs).toHaveLength(files.length)
        const bare = (path: string): string =>
          path
            .normalize('NFC')
            .replace(/^.*\//, '')
            .replace(/(_mask)?\.png$/, '')
        for (const [path = '', mask = ''] of pairs) expect(bare(mask)).toBe(bare(path))
      }),
      { numRuns: 40 },
    )
  })

  test('a manifest names its files in any form', async () => {
    const name = 'Öl/Fleck-ä.png'
    const root = await tree({
      'manifest.csv': {
        text: `path,split,label,mask\n0.png,train,0,\n${name.normalize('NFC')},test,1,${name.replace('F', 'M').normalize('NFC')}\n`,
      },
      ...image('0.png', name.normalize('NFD'), name.replace('F', 'M').normalize('NFD')),
    })
    const { samples } = await openDataset(root)
    expect(samples[1]?.maskPath).toBe(join(root, name.replace('F', 'M').normalize('NFD')))
  })

  test('two images that differ in their form alone are of one stem', async () => {
    const root = await tree({
      ...sound,
      ...image('test/bar/ä.png'.normalize('NFC'), 'test/bar/ä.png'.normalize('NFD')),
    })
    await expect(openDataset(root)).rejects.toThrow(/1 same-stem|same-stem/)
  })
})

describe('whatever tree of folders', () => {
  const folders = [
    '',
    'train',
    'Train',
    'test',
    'good',
    'Good',
    'ok',
    'NG',
    'bar',
    'masks',
    'ground_truth',
    'validation',
    'day1',
  ]
  const anywhere = fc.tuple(fc.constantFrom(...folders), fc.constantFrom(...folders), fc.constantFrom(...folders))
  const usual = ['train/good', 'test/good', 'test/bar', 'ground_truth/bar', 'good', 'bar', '', 'nut/train/good']
  const path = fc.oneof(
    anywhere,
    fc.constantFrom(...usual).map((at) => at.split('/')),
  )
  const file = fc.constantFrom('0.png', '1.jpg', '2.png', '0_mask.png', '0_GT.png', 'x.heic', 'notes.txt', 'labels.csv')
  const files = fc.array(fc.tuple(path, file), { minLength: 1, maxLength: 7 })

  /** What may be a good training image: one in a folder of good ones, or in a root of nothing but images. */
  const GOOD = /^((train|[^/]+\/train)\/(good|ok)|good|[^/]+\/good)\/[^/]+$/

  test('opening it refuses, or takes as good only what lies where good images are, and tells of every other picture', async () => {
    let opened = 0
    await fc.assert(
      fc.asyncProperty(files, async (entries) => {
        const all = [
          ...new Set(entries.map(([parts, name]) => [...parts.filter((part) => part !== ''), name].join('/'))),
        ]
        const root = await tree(image(...all))
        let dataset
        try {
          const [category] = await listCategories(root)
          dataset = await openDataset(root, { category })
        } catch (error) {
          expect(error).toMatchObject({ code: 'INVALID_DATA' })
          return
        }
        opened++
        const inside = (at: string): string => at.slice(root.length + 1)
        const good = dataset.samples.filter(({ label }) => label === 0).map(({ path }) => inside(path))
        const isFlat = all.every((name) => !name.includes('/'))
        const isTestGood = (name: string): boolean => /(^|\/)test\/(good|ok)\/[^/]+$/.test(name)
        for (const name of good) expect(isFlat || GOOD.test(name) || isTestGood(name)).toBe(true)
        for (const name of good) expect(name).not.toMatch(/(Good|NG|bar|masks|ground_truth|day1)\/[^/]+$/)
        const prefix = inside(dataset.root)
        const ownFiles = all.filter(
          (name) => name.startsWith(prefix === '' ? '' : `${prefix}/`) && /(png|jpg|heic)$/.test(name),
        )
        const told = new Set((dataset.warnings ?? []).map(({ path }) => (prefix === '' ? path : `${prefix}/${path}`)))
        const used = new Set(dataset.samples.flatMap(({ path, maskPath }) => [path, maskPath ?? path]).map(inside))
        const silent = ownFiles.filter(
          (name) => !used.has(name) && !told.has(name) && !/(^|\/)(ground_truth|masks)\/(good|ok)\//.test(name),
        )
        expect(silent).toEqual([])
      }),
      { numRuns: 150 },
    )
    expect(opened).toBeGreaterThan(5)
  })
})
