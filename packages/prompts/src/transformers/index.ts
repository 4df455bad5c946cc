export {
  transformersTextEmbedder,
  type TransformersTextEmbedderOptions,
  type TransformersLibrary,
} from './transformers-text-embedder.ts'
