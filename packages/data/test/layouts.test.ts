import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Sample } from '@tab/data'
import {
  checkDataset,
  countProblems,
  describeProblems,
  imageBatches,
  LAYOUT_NAMES,
  listCategories,
  openDataset,
  type LayoutName,
} from '@tab/data/node'
import fc from 'fast-check'
import { sharedFile, testWithShared } from '../../../test/shared.ts'
import { isMaskStem, purposeOf } from '../src/node/layouts/near-names.ts'
import { filesOf, writeTree, type Content } from './miniature-tree.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tab-layouts-'))
})
afterAll(() => rm(folder, { recursive: true }))

let trees = 0
/** A new tree of these files. */
async function tree(files: Readonly<Record<string, Content>>, name = `tree-${trees}`): Promise<string> {
  const root = join(folder, String(trees++), name)
  await mkdir(root, { recursive: true })
  await writeTree(root, files)
  return root
}

/** A sample in short: `test/dent/0.png: test dent ground_truth/dent/0.png`. */
const short = (root: string, { id, split, defect, maskPath }: Sample): string =>
  [`${id}: ${split} ${defect}`, ...(maskPath === undefined ? [] : [relative(root, maskPath)])].join(' ')

const mvtecFiles: Record<string, Content> = {
  ...filesOf('train/good', ['000.png', '001.png'], 'image'),
  ...filesOf('test/good', ['000.png'], 'image'),
  ...filesOf('test/broken_large', ['000.png', '001.png'], 'image'),
  ...filesOf('ground_truth/broken_large', ['000_mask.png', '001_mask.png'], 'mask'),
  'license.txt': { text: 'CC BY-NC-SA 4.0' },
  'readme.txt': { text: 'MVTec' },
}

const mvtecSamples = [
  'train/good/000.png: train good',
  'train/good/001.png: train good',
  'test/broken_large/000.png: test broken_large ground_truth/broken_large/000_mask.png',
  'test/broken_large/001.png: test broken_large ground_truth/broken_large/001_mask.png',
  'test/good/000.png: test good',
]

const inside = (category: string, files: Readonly<Record<string, Content>>): Record<string, Content> =>
  Object.fromEntries(Object.entries(files).map(([file, content]) => [`${category}/${file}`, content]))

interface Miniature {
  readonly layout: LayoutName
  /** Name of the folder, and category that is opened. */
  readonly name?: string
  readonly category?: string
  readonly categories?: readonly string[]
  readonly files: Readonly<Record<string, Content>>
  readonly samples: readonly string[]
}

const manifestText = [
  'mask,label,path,split,defect',
  ',0,a/1.png,train,',
  ',0,./a/2.png,validation,good',
  '',
  '"masks/3, left.png",1,a\\3.png,test,"a ""deep"" dent"',
  ',1,a/4.png,test,',
].join('\r\n')

/** Of each two names to choose from, that of the smaller SHA-256 (`printf kos02 | sha256sum`) is held out for the test. */
const miniatures: readonly Miniature[] = [
  { layout: 'mvtec-ad', files: mvtecFiles, samples: mvtecSamples },
  {
    layout: 'mvtec-ad',
    category: 'screw',
    categories: ['bottle', 'screw'],
    files: { ...inside('bottle', mvtecFiles), ...inside('screw', mvtecFiles), 'license.txt': { text: '' } },
    samples: mvtecSamples,
  },
  {
    layout: 'mvtec-ad-2',
    category: 'can',
    categories: ['can', 'vial'],
    files: Object.assign(
      {},
      ...['can', 'vial'].map((category) =>
        inside(category, {
          ...filesOf('train/good', ['000_regular.png'], 'image'),
          ...filesOf('validation/good', ['000_regular.png'], 'image'),
          ...filesOf('test_public/good', ['000_regular.png'], 'image'),
          ...filesOf('test_public/bad', ['000_overexposed.png'], 'image'),
          ...filesOf('test_public/ground_truth/bad', ['000_overexposed_mask.png'], 'mask'),
          ...filesOf('test_private', ['000_regular.png'], 'image'),
          ...filesOf('test_private_mixed', ['000_mixed.png'], 'image'),
        }),
      ),
    ) as Record<string, Content>,
    samples: [
      'train/good/000_regular.png: train good',
      'validation/good/000_regular.png: validation good',
      'test_public/bad/000_overexposed.png: test bad test_public/ground_truth/bad/000_overexposed_mask.png',
      'test_public/good/000_regular.png: test good',
    ],
  },
  {
    layout: 'mvtec-loco',
    category: 'pushpins',
    categories: ['pushpins'],
    files: inside('pushpins', {
      'defects_config.json': { text: '[]' },
      ...filesOf('train/good', ['000.png'], 'image'),
      ...filesOf('validation/good', ['000.png'], 'image'),
      ...filesOf('test/good', ['000.png'], 'image'),
      ...filesOf('test/logical_anomalies', ['000.png'], 'image'),
      ...filesOf('test/structural_anomalies', ['000.png'], 'image'),
      ...filesOf('ground_truth/logical_anomalies/000', ['000.png', '001.png'], 'mask'),
      ...filesOf('ground_truth/structural_anomalies/000', ['000.png'], 'mask'),
    }),
    samples: [
      'train/good/000.png: train good',
      'validation/good/000.png: validation good',
      'test/good/000.png: test good',
      'test/logical_anomalies/000.png: test logical_anomalies',
      'test/structural_anomalies/000.png: test structural_anomalies',
    ],
  },
  {
    layout: 'btad',
    category: '03',
    categories: ['01', '03'],
    files: {
      ...inside('01', {
        ...filesOf('train/ok', ['0000.bmp'], 'image'),
        ...filesOf('test/ok', ['0000.bmp'], 'image'),
        ...filesOf('test/ko', ['0000.bmp'], 'image'),
        ...filesOf('ground_truth/ko', ['0000.png'], 'mask'),
      }),
      ...inside('03', {
        ...filesOf('train/ok', ['0000.bmp'], 'image'),
        ...filesOf('test/ok', ['0000.bmp'], 'image'),
        ...filesOf('test/ko', ['0000.bmp', '0001.png'], 'image'),
        ...filesOf('ground_truth/ko', ['0000.bmp', '0001.bmp'], 'mask'),
      }),
    },
    samples: [
      'train/ok/0000.bmp: train good',
      'test/ko/0000.bmp: test ko ground_truth/ko/0000.bmp',
      'test/ko/0001.png: test ko ground_truth/ko/0001.bmp',
      'test/ok/0000.bmp: test good',
    ],
  },
  { layout: 'mpdd', name: 'metal_plate', files: mvtecFiles, samples: mvtecSamples },
  {
    layout: 'kolektor-sdd',
    files: {
      ...filesOf('kos01', ['Part0.jpg', 'Part1.jpg'], 'image'),
      ...filesOf('kos02', ['Part0.jpg', 'Part1.jpg'], 'image'),
      'kos01/Part0_label.bmp': 'black',
      'kos01/Part1_label.bmp': 'mask',
      'kos02/Part0_label.bmp': 'black',
      'kos02/Part1_label.bmp': 'black',
    },
    samples: [
      'kos01/Part0.jpg: train good',
      'kos01/Part1.jpg: test defect kos01/Part1_label.bmp',
      'kos02/Part0.jpg: test good', // held out
      'kos02/Part1.jpg: test good',
    ],
  },
  {
    layout: 'kolektor-sdd2',
    files: {
      ...filesOf('train', ['10000.png', '10001.png'], 'image'),
      ...filesOf('test', ['20000.png', '20001.png'], 'image'),
      'train/10000_GT.png': 'black',
      'train/10001_GT.png': 'mask',
      'test/20000_GT.png': 'mask',
      'test/20001_GT.png': 'black',
    },
    samples: [
      'train/10000.png: train good',
      'train/10001.png: train defect train/10001_GT.png',
      'test/20000.png: test defect test/20000_GT.png',
      'test/20001.png: test good',
    ],
  },
  {
    layout: 'visa',
    category: 'pcb1',
    categories: ['candle', 'pcb1'],
    files: {
      'split_csv/1cls.csv': {
        text: [
          'object,split,label,image,mask',
          'candle,train,normal,candle/Data/Images/Normal/0836.JPG,',
          'pcb1,train,normal,pcb1/Data/Images/Normal/0001.JPG,',
          'pcb1,test,normal,pcb1/Data/Images/Normal/0002.JPG,',
          'pcb1,test,anomaly,pcb1/Data/Images/Anomaly/000.JPG,pcb1/Data/Masks/Anomaly/000.png',
        ].join('\n'),
      },
      'candle/Data/Images/Normal/0836.JPG': 'image',
      'candle/image_anno.csv': { text: '' },
      ...filesOf('pcb1/Data/Images/Normal', ['0001.JPG', '0002.JPG'], 'image'),
      'pcb1/Data/Images/Anomaly/000.JPG': 'image',
      'pcb1/Data/Masks/Anomaly/000.png': 'mask',
    },
    samples: [
      'pcb1/Data/Images/Normal/0001.JPG: train good',
      'pcb1/Data/Images/Normal/0002.JPG: test good',
      'pcb1/Data/Images/Anomaly/000.JPG: test anomaly pcb1/Data/Masks/Anomaly/000.png',
    ],
  },
  {
    layout: 'magnetic-tile',
    files: {
      ...filesOf('MT_Blowhole/Imgs', ['exp1_num_3667.jpg'], 'image'),
      ...filesOf('MT_Blowhole/Imgs', ['exp1_num_3667.png'], 'mask'),
      ...filesOf('MT_Free/Imgs', ['exp1_num_1.jpg', 'exp1_num_2.jpg'], 'image'),
      ...filesOf('MT_Free/Imgs', ['exp1_num_1.png', 'exp1_num_2.png'], 'black'),
    },
    samples: [
      'MT_Blowhole/Imgs/exp1_num_3667.jpg: test blowhole MT_Blowhole/Imgs/exp1_num_3667.png',
      'MT_Free/Imgs/exp1_num_1.jpg: train good',
      'MT_Free/Imgs/exp1_num_2.jpg: test good', // held out
    ],
  },
  {
    layout: 'folder',
    files: {
      ...filesOf('good', ['a.jpg', 'b.png'], 'image'),
      ...filesOf('dent', ['c.webp.png'], 'image'),
      ...filesOf('stain', ['d.jpg'], 'image'),
      'masks/dent/c.webp.png': 'mask',
      'masks/stain/d_mask.png': 'mask',
    },
    samples: [
      'good/a.jpg: test good', // held out
      'good/b.png: train good',
      'dent/c.webp.png: test dent masks/dent/c.webp.png',
      'stain/d.jpg: test stain masks/stain/d_mask.png',
    ],
  },
  {
    layout: 'images',
    files: {
      ...filesOf('.', ['a.JPG', 'b.png', 'frame7'], 'image'),
      'README.txt': { text: '' },
      '.hidden.png': 'image',
      '__MACOSX/x.png': 'image',
    },
    samples: ['a.JPG: train good', 'b.png: train good', 'frame7: train good'],
  },
  {
    layout: 'manifest',
    files: {
      'manifest.csv': { text: manifestText },
      ...filesOf('a', ['1.png', '2.png', '3.png', '4.png', 'not-listed.png'], 'image'),
      'masks/3, left.png': 'mask',
    },
    samples: [
      'a/1.png: train good',
      'a/2.png: validation good',
      'a/3.png: test a "deep" dent masks/3, left.png',
      'a/4.png: test defect',
    ],
  },
]

describe('the official structure of', () => {
  test('every layout has a miniature', () => {
    expect(LAYOUT_NAMES.filter((name) => !miniatures.some(({ layout }) => layout === name))).toEqual([])
  })

  test.each(miniatures)('$layout, $categories', async ({ layout, name, category, categories = [], files, samples }) => {
    const root = await tree(files, name)
    expect(await listCategories(root)).toEqual(categories)
    const dataset = await openDataset(root, { category })
    expect(dataset.samples.map((sample) => short(dataset.root, sample))).toEqual(samples)
    expect(dataset.warnings).toEqual([])
    expect(dataset.samples.every((sample) => sample.category === category)).toBe(true)
    expect(dataset.samples.every(({ label, defect }) => (label === 0) === (defect === 'good'))).toBe(true)
    expect(await openDataset(root, { category, layout })).toEqual(dataset)

    const report = await checkDataset(root)
    expect([report.layout, report.categories, report.problems]).toEqual([layout, categories, []])
    const counted = report.counts.filter((count) => category === undefined || count.category === category)
    expect(counted.reduce((sum, { images }) => sum + images, 0)).toBe(samples.length)
    expect((await checkDataset(root, { category })).counts).toEqual(counted)

    let read = 0
    for await (const { images } of imageBatches(dataset.samples, { size: [3, 4], batchSize: 8 })) {
      read += images.shape[0] as number
    }
    expect(read).toBe(samples.length)
  })

  test('a category folder opened by itself is the same data set, but for the name of its category', async () => {
    const root = await tree(inside('screw', mvtecFiles))
    const chosen = await openDataset(root, { category: 'screw' })
    const alone = await openDataset(join(root, 'screw'))
    expect(chosen.name).toBe('screw')
    expect({ ...alone, samples: alone.samples.map((sample) => ({ ...sample, category: 'screw' })) }).toEqual(chosen)
  })

  test('the folder of an object of VisA is opened by the table beside it', async () => {
    const { files, samples } = miniatures.find(({ layout }) => layout === 'visa') as Miniature
    const root = await tree(files)
    expect(await openDataset(join(root, 'pcb1'))).toEqual(await openDataset(root, { category: 'pcb1' }))
    const { counts, problems } = await checkDataset(join(root, 'pcb1'))
    expect([counts.reduce((sum, { images }) => sum + images, 0), problems]).toEqual([samples.length, []])
  })

  test('folders that are links are followed', async () => {
    const root = await tree(mvtecFiles)
    const other = await tree({})
    for (const name of ['train', 'test', 'ground_truth']) await symlink(join(root, name), join(other, name))
    expect((await openDataset(other)).samples.map(({ id }) => id)).toEqual(
      (await openDataset(root)).samples.map(({ id }) => id),
    )
  })

  test('a fifth of the good images without a split of their own is held out, the same each time', async () => {
    const names = Array.from({ length: 40 }, (_, i) => `${i}.png`)
    const root = await tree({ ...filesOf('good', names, { text: '' }), 'dent/0.png': { text: '' } })
    const heldOut = async (): Promise<string[]> =>
      (await openDataset(root)).samples
        .filter(({ split, label }) => split === 'test' && label === 0)
        .map(({ id }) => id)
    const first = await heldOut()
    expect(first).toHaveLength(8)
    // More images exchange few of those held out before.
    await writeTree(
      root,
      filesOf(
        'good',
        Array.from({ length: 10 }, (_, i) => `more-${i}.png`),
        { text: '' },
      ),
    )
    const second = await heldOut()
    expect(second).toHaveLength(10)
    expect(first.filter((id) => second.includes(id)).length).toBeGreaterThanOrEqual(6)
    await rm(join(root, 'dent'), { recursive: true })
    expect(await heldOut()).toEqual([])
  })
})

describe('choosing', () => {
  test('a category among several is asked for, an unknown one refused', async () => {
    const root = await tree({ ...inside('bottle', mvtecFiles), ...inside('screw', mvtecFiles) })
    await expect(openDataset(root)).rejects.toThrow(/one category of .*\(mvtec-ad\).*: bottle, screw, got none chosen/)
    await expect(openDataset(root, { category: 'nut' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('bottle, screw, got "nut"'),
    })
    await expect(openDataset(join(root, 'screw'), { category: 'screw' })).rejects.toThrow('is a single data set')
    await expect(checkDataset(root, { category: 'nut' })).rejects.toThrow('checkDataset: one of the categories')
  })

  test('a layout that does not fit, or is none', async () => {
    const root = await tree(mvtecFiles)
    await expect(openDataset(root, { layout: 'btad' })).rejects.toThrow(
      /not a known layout[^]*\n {2}btad +train\/ok and test$/,
    )
    await expect(openDataset(root, { layout: 'mvtec' as LayoutName })).rejects.toThrow(
      'layout must be one of manifest, visa',
    )
    await expect(openDataset(join(root, 'readme.txt'))).rejects.toThrow('a folder or a manifest .csv, got')
    // `good` inside of `test` makes no plain folder of a data set that lost its training images.
    await rm(join(root, 'train'), { recursive: true })
    await expect(openDataset(root)).rejects.toThrow('which is not a known layout')
  })

  test('a manifest of another name, with categories', async () => {
    const root = await tree({
      'parts.csv': { text: 'path,split,label,category\n1.png,train,0,nut\n2.png,train,0,bolt\n3.png,test,1,bolt\n' },
      ...filesOf('.', ['1.png', '2.png', '3.png'], 'image'),
    })
    const path = join(root, 'parts.csv')
    expect(await listCategories(path)).toEqual(['bolt', 'nut'])
    const bolts = await openDataset(path, { category: 'bolt' })
    expect(bolts.samples.map(({ id, category }) => [id, category])).toEqual([
      ['2.png', 'bolt'],
      ['3.png', 'bolt'],
    ])
    expect((await checkDataset(path)).counts).toHaveLength(3)
  })
})

describe('checkDataset', () => {
  test('lists everything that is wrong, by kind', async () => {
    const root = await tree({
      ...inside('screw', mvtecFiles),
      ...inside('bottle', mvtecFiles),
      'screw/train/good/002.png': { text: 'no image' },
      'screw/test/broken_large/002.png': 'image',
      'screw/test/bent/000.png': 'image',
      'screw/ground_truth/broken_large/009_mask.png': 'mask',
      'screw/ground_truth/broken_large/001_mask.png': 'large',
      'screw/train/bad/000.png': 'image',
      'bottle/raw.tiff': { text: '' },
      'bottle/.DS_Store': { text: '' },
      'notes.docx': { text: '' },
    })
    await mkdir(join(root, 'bottle/test/empty'))
    const seen: string[] = []
    const { problems, counts } = await checkDataset(root, { onProgress: ({ phase }) => seen.push(phase) })
    expect(problems.map(({ kind, path }) => `${kind} ${path}`)).toEqual([
      'empty-folder bottle/test/empty',
      'no-mask-folder screw/test/bent',
      'missing-mask screw/test/broken_large/002.png',
      'extra-mask screw/ground_truth/broken_large/009_mask.png',
      'unreadable screw/train/good/002.png',
      'mask-size screw/ground_truth/broken_large/001_mask.png',
      'unknown-file notes.docx',
      'unknown-file bottle/raw.tiff',
      'unknown-file screw/train/bad/000.png',
    ])
    expect(problems[5]?.message).toBe('has 6 x 8 pixels, but test/broken_large/001.png 3 x 4')
    expect(counts).toContainEqual({ category: 'screw', split: 'test', defect: 'broken_large', images: 3, masks: 2 })
    expect(new Set(seen)).toEqual(new Set(['check bottle', 'check screw']))
    // What does not make samples wrong does not keep it from being opened.
    expect((await openDataset(root, { category: 'bottle' })).samples).toHaveLength(5)
    await expect(openDataset(root, { category: 'screw' })).rejects.toThrow(
      /screw is not a valid data set.*: 1 missing-mask\n/,
    )
  })

  test('masks of LOCO and labels by mask are checked too', async () => {
    const loco = await tree({
      ...filesOf('train/good', ['000.png'], 'image'),
      ...filesOf('test/logical_anomalies', ['000.png', '001.png'], 'image'),
      'ground_truth/logical_anomalies/000/000.png': 'large',
      'ground_truth/logical_anomalies/007/000.png': 'mask',
    })
    expect((await checkDataset(loco)).problems.map(({ kind, path }) => `${kind} ${path}`)).toEqual([
      'extra-mask ground_truth/logical_anomalies/007',
      'missing-mask test/logical_anomalies/001.png',
      'mask-size ground_truth/logical_anomalies/000/000.png',
    ])
    const kolektor = await tree({
      ...filesOf('train', ['1.png', '2.png', '3.png'], 'image'),
      'train/1_GT.png': 'black',
      'train/2_GT.png': { text: 'no image' },
      'test/9_GT.png': 'black',
    })
    expect((await checkDataset(kolektor)).problems.map(({ kind, path }) => `${kind} ${path}`)).toEqual([
      'missing-mask train/3.png',
      'empty-folder test',
      'extra-mask test/9_GT.png',
      'unreadable train/2_GT.png',
    ])
    await expect(openDataset(kolektor)).rejects.toThrow('1 missing-mask, 1 unreadable')
  })

  test('rows of a manifest that are wrong are told by their line', async () => {
    const rows = [
      'path,split,label,defect,mask',
      '1.png,train,0,,',
      '1.png,train,0,,',
      'lost.png,train,0,,',
      '2.png,trian,0,,',
      '2.png,test,yes,,',
      '2.png,test,1,good,',
      '2.png,test,1,dent,lost.png',
      ',test,1,dent,',
      '/2.png,test,1,dent,',
      '2.png,test',
    ]
    const root = await tree({ 'manifest.csv': { text: rows.join('\n') }, ...filesOf('.', ['1.png', '2.png'], 'image') })
    expect((await checkDataset(root)).problems.map(({ kind, path, message }) => `${kind} ${path} ${message}`)).toEqual([
      'invalid-row manifest.csv, line 11 has 2 fields, but the header has 5',
      'invalid-row manifest.csv, line 5 has the split "trian", expected train, validation or test',
      'invalid-row manifest.csv, line 6 has the label "yes", expected 0 or 1',
      'invalid-row manifest.csv, line 7 has the label 1 and the defect good',
      'invalid-row manifest.csv, line 9 has no path',
      'invalid-row manifest.csv, line 10 has the path /2.png, expected one relative to the folder of the manifest',
      'invalid-row manifest.csv, line 3 names 1.png again, after line 2',
      'missing-image manifest.csv, line 4 names lost.png, which does not exist',
      'missing-mask manifest.csv, line 8 names the mask lost.png, which does not exist',
    ])
  })

  test.each([
    ['', 'lacks the column path, lacks the column split, lacks the column label'],
    ['path,split,labels\n', 'lacks the column label, has an unknown column "labels"'],
    ['path,split,label,path\n', 'has two columns path'],
    ['path,split,label\n"a,train,0\n', 'Quote Not Closed'],
  ])('a manifest %j %s', async (text, message) => {
    const root = await tree({ 'manifest.csv': { text } })
    await expect(openDataset(root)).rejects.toThrow(message)
  })

  test('the first twenty are shown', () => {
    const problems = Array.from({ length: 23 }, (_, i) => ({
      kind: i < 20 ? ('missing-mask' as const) : ('unknown-file' as const),
      path: `${i}.png`,
      message: 'is wrong',
    }))
    expect(countProblems(problems)).toBe('20 missing-mask, 3 unknown-file')
    const lines = describeProblems(problems).split('\n')
    expect([lines.length, lines[19], lines[20]]).toEqual([21, '  19.png: is wrong', '  and 3 more'])
  })

  test('stops when asked', async () => {
    const root = await tree(mvtecFiles)
    await expect(checkDataset(root, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' })
  })

  testWithShared('data/magnetic-tile', 'nothing is wrong with the magnetic tiles', async () => {
    const { layout, counts, problems } = await checkDataset(sharedFile('data/magnetic-tile'))
    expect([layout, problems]).toEqual(['mvtec-ad', []])
    expect(counts).toContainEqual({ split: 'test', defect: 'crack', images: 57, masks: 57 })
  })
})

describe('whatever the tree', () => {
  const word = fc.stringMatching(/^[a-z][a-z0-9_-]{0,5}$/)
  const names = fc.uniqueArray(word, { maxLength: 4 })

  test('MVTec AD: every image is a sample once, and exactly the lost masks are missing', async () => {
    const defects = fc.dictionary(
      word.filter((name) => purposeOf(name) === undefined),
      fc.dictionary(word, fc.boolean(), { maxKeys: 4 }),
      { maxKeys: 3 },
    )
    await fc.assert(
      fc.asyncProperty(names, names, defects, async (train, good, byDefect) => {
        const files: Record<string, Content> = {}
        const add = (file: string): void => void (files[`${file}.png`] = { text: '' })
        const images = [
          ...train.map((name) => `train/good/${name}`),
          ...good.map((name) => `test/good/${name}`),
          ...Object.entries(byDefect).flatMap(([defect, found]) =>
            Object.keys(found).map((name) => `test/${defect}/${name}`),
          ),
        ]
        images.forEach(add)
        const lost: string[] = []
        for (const [defect, found] of Object.entries(byDefect)) {
          const all = Object.entries(found)
          all.filter(([, has]) => has).forEach(([name]) => add(`ground_truth/${defect}/${name}_mask`))
          if (all.some(([, has]) => has)) {
            lost.push(...all.filter(([, has]) => !has).map(([name]) => `test/${defect}/${name}.png`))
          }
        }
        const root = await tree(files)
        await mkdir(join(root, 'train/good'), { recursive: true })
        // A name may end in _mask itself; then its mask may serve another image, which is no matter of this test.
        fc.pre(!images.some((image) => isMaskStem(image)))
        const report = await checkDataset(root)
        const of = (kind: string): string[] =>
          report.problems.filter((found) => found.kind === kind).map(({ path }) => path)
        expect(report.counts.reduce((sum, count) => sum + count.images, 0)).toBe(images.length)
        expect(of('missing-mask').sort()).toEqual(lost.sort())
        expect(of('unknown-file')).toEqual([])
        expect(of('no-training-images')).toHaveLength(train.length === 0 ? 1 : 0)
        const opened = openDataset(root)
        if (lost.length > 0 || train.length === 0) await expect(opened).rejects.toMatchObject({ code: 'INVALID_DATA' })
        else
          expect(new Set((await opened).samples.map(({ id }) => id))).toEqual(
            new Set(images.map((image) => `${image}.png`)),
          )
      }),
      { numRuns: 25 },
    )
  })

  test('a manifest: what is written is read, and any text at all is read or refused', async () => {
    const field = fc.string({ minLength: 1, maxLength: 8 }).filter((text) => text.trim() === text && text !== 'good')
    const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`
    const root = await tree(filesOf('.', ['0.png', '1.png', '2.png'], { text: '' }))
    await fc.assert(
      fc.asyncProperty(fc.array(field, { minLength: 3, maxLength: 3 }), async (defects) => {
        const rows = defects.map((defect, i) => `${quoted(defect)},${i}.png,test,1`)
        const text = ['defect,path,split,label', ',train.png,train,0', ...rows].join('\n')
        await writeTree(root, { 'manifest.csv': { text }, 'train.png': { text: '' } })
        expect((await openDataset(root)).samples.slice(1).map(({ defect }) => defect)).toEqual(defects)
      }),
      { numRuns: 40 },
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('path', 'split', 'label', ',', '\n', '"', 'train', '0', 'é', '\r')),
        async (parts) => {
          await writeTree(root, { 'manifest.csv': { text: `path,split,label\n${parts.join('')}` } })
          await expect(openDataset(root)).rejects.toMatchObject({ code: 'INVALID_DATA' })
        },
      ),
      { numRuns: 60 },
    )
  })
})
