export { loadTransformers, type TextModel, type Tokenizer, type Transformers } from './load-library.ts'
export {
  transformersTextEmbedder,
  type TransformersTextEmbedderOptions,
  type TransformersLibrary,
} from './transformers-text-embedder.ts'
