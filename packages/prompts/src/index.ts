export { industrialPrompts, type IndustrialPromptsOptions, type PromptEnsemble } from './ensemble/industrial-prompts.ts'
export { PRESETS, type Preset, type PresetName } from './ensemble/presets.ts'
export { articleFor } from './ensemble/article.ts'

export { GENERAL_STATES, MATERIAL_STATES, WINCLIP_STATES, type Material, type States } from './words/states.ts'
export { DEFECT_POSITIONS, DOMAINS, DOMAIN_TEMPLATES, PHOTO_TEMPLATES, WINCLIP_TEMPLATES } from './words/templates.ts'
export type { Phrase, Provenance } from './words/word.ts'
export { MVTEC_AD } from './vocabularies/mvtec-ad.ts'
export { BTAD, KSDD2, MPDD, VISA } from './vocabularies/others.ts'
export type { Noun, Vocabulary } from './vocabularies/noun.ts'

export {
  encodePrompts,
  type EncodePromptsOptions,
  type Prototype,
  type TextPrototypes,
} from './encoding/encode-prompts.ts'
export { memoryCache, type PrototypeCache, type PrototypeKey } from './encoding/prototype-cache.ts'
export { loadPrototypes, savePrototypes } from './encoding/prototype-file.ts'
export { lexicalTextEmbedder, type LexicalTextEmbedderOptions } from './encoding/lexical-text-embedder.ts'
export {
  embeddingTable,
  loadEmbeddingTable,
  makeEmbeddingTable,
  saveEmbeddingTable,
  type EmbeddingTable,
} from './encoding/embedding-table.ts'
