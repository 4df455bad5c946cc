// A CLIP text model in the layout of the hub: real tokenizer structure, a tiny text tower with random weights.
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRng, randomNormal } from '@tab/core'
import { encodeGraph } from '@tab/backend-onnx/graph'

const [START, END] = ['<|startoftext|>', '<|endoftext|>']
const CONTEXT = 77
const WIDTH = 16

/** Merges of a small BPE, enough for some words of prompts. */
export const SMALL_MERGES: readonly string[] = [
  'p h',
  'ph o',
  't o</w>',
  'pho to</w>',
  'o f</w>',
  'd a',
  'm a',
  'da ma',
  'g e',
  'ge d</w>',
  's c',
  'sc r',
  'r e',
  'e w</w>',
]

/** The characters that stand for the 256 bytes (GPT-2's table), in CLIP's order of ids. */
export function byteCharacters(): string[] {
  const printable = [...range(33, 126), ...range(161, 172), ...range(174, 255)]
  const others = range(0, 255).filter((byte) => !printable.includes(byte))
  return [
    ...printable.map((byte) => String.fromCodePoint(byte)),
    ...others.map((_, i) => String.fromCodePoint(256 + i)),
  ]
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}

/** Tokens by id: bytes, bytes that end a word, merges, start and end of text. */
export function clipVocabulary(merges: readonly string[]): Map<string, number> {
  const bytes = byteCharacters()
  const tokens = [
    ...bytes,
    ...bytes.map((byte) => `${byte}</w>`),
    ...merges.map((pair) => pair.replace(' ', '')),
    START,
    END,
  ]
  return new Map(tokens.map((token, id) => [token, id]))
}

/** Writes the folder and gives its path. */
export async function writeClipFolder(merges: readonly string[], dimension = 12, seed = 'tiny tower'): Promise<string> {
  const folder = join(await mkdtemp(join(tmpdir(), 'tab-clip-')), 'tiny-clip')
  await mkdir(join(folder, 'onnx'), { recursive: true })
  const vocabulary = clipVocabulary(merges)
  const [start, end] = [vocabulary.get(START) as number, vocabulary.get(END) as number]
  const special = (id: number, content: string): object => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: true,
    special: true,
  })
  const split = "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+"
  const tokenizer = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [special(start, START), special(end, END)],
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'NFC' },
        { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
        { type: 'Lowercase' },
      ],
    },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: split }, behavior: 'Removed', invert: true },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true },
      ],
    },
    post_processor: {
      type: 'RobertaProcessing',
      sep: [END, end],
      cls: [START, start],
      trim_offsets: false,
      add_prefix_space: false,
    },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: END,
      continuing_subword_prefix: '',
      end_of_word_suffix: '</w>',
      fuse_unk: false,
      vocab: Object.fromEntries(vocabulary),
      merges,
    },
  }
  const marks = { bos_token: START, eos_token: END, unk_token: END, pad_token: END }
  const files: Record<string, object> = {
    'config.json': {
      model_type: 'clip_text_model',
      architectures: ['CLIPTextModelWithProjection'],
      max_position_embeddings: CONTEXT,
      vocab_size: vocabulary.size,
      projection_dim: dimension,
      hidden_size: WIDTH,
    },
    'tokenizer.json': tokenizer,
    'tokenizer_config.json': {
      tokenizer_class: 'CLIPTokenizer',
      model_max_length: CONTEXT,
      do_lower_case: true,
      ...marks,
    },
    'special_tokens_map.json': marks,
  }
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), JSON.stringify(content))
  await writeFile(join(folder, 'onnx/text_model.onnx'), tinyTower(vocabulary.size, dimension, seed))
  return folder
}

/** Token and position embeddings, a tanh, the mean over the context and a projection. */
function tinyTower(vocabularySize: number, dimension: number, seed: string): Uint8Array {
  const rng = createRng(seed)
  const normal = (...shape: number[]): { shape: number[]; data: Float32Array } => ({
    shape,
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => randomNormal(rng)),
  })
  return encodeGraph({
    name: 'tiny-clip-text',
    inputs: [{ name: 'input_ids', type: 'int64', shape: ['N', CONTEXT] }],
    outputs: [{ name: 'text_embeds', type: 'float32', shape: ['N', dimension] }],
    initializers: [
      { name: 'tokens', ...normal(vocabularySize, WIDTH) },
      { name: 'positions', ...normal(CONTEXT, WIDTH) },
      { name: 'projection', ...normal(WIDTH, dimension) },
    ],
    nodes: [
      { operator: 'Gather', inputs: ['tokens', 'input_ids'], outputs: ['words'] },
      { operator: 'Add', inputs: ['words', 'positions'], outputs: ['placed'] },
      { operator: 'Tanh', inputs: ['placed'], outputs: ['bent'] },
      { operator: 'ReduceMean', inputs: ['bent'], outputs: ['mean'], attributes: { axes: [1], keepdims: 0 } },
      { operator: 'MatMul', inputs: ['mean', 'projection'], outputs: ['text_embeds'] },
    ],
  })
}
