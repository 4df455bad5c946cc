export {
  loadTransformers,
  type TextModel,
  type Tokenizer,
  type Transformers,
  type TransformersEnvironment,
} from './load-library.ts'
export {
  transformersTextEmbedder,
  type TransformersTextEmbedderOptions,
  type TransformersLibrary,
} from './transformers-text-embedder.ts'
export type { Precision } from './model-files.ts'
