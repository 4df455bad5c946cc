// The prompts of a screw, and its text prototypes. The embedder here knows no meaning and needs no download; for real work put
// `await transformersTextEmbedder({ model: 'Xenova/clip-vit-base-patch16' })` from '@tab/prompts/transformers' in its place.
import {
  embeddingTable,
  encodePrompts,
  industrialPrompts,
  lexicalTextEmbedder,
  loadEmbeddingTable,
  makeEmbeddingTable,
  MVTEC_AD,
  saveEmbeddingTable,
} from '@tab/prompts'

const prompts = industrialPrompts('screw', {
  vocabulary: MVTEC_AD,
  defects: ['stripped', 'bent'],
  states: { abnormal: ['{} with a missing thread'] },
})
console.log(`${prompts.normal.length} normal prompts, such as "${prompts.normal[30]}"`)
console.log(`${prompts.abnormal.length} abnormal prompts, such as "${prompts.abnormal.at(-1)}"`)

const embedder = lexicalTextEmbedder()
const prototypes = await encodePrompts(prompts, embedder)
console.log(`${prototypes.embedder}: cosine between the prototypes ${prototypes.cosine.toFixed(3)}`)

// A fixed ensemble needs no text model where it is used: save its embeddings once, look them up everywhere.
const file = saveEmbeddingTable(await makeEmbeddingTable(embedder, [...prompts.normal, ...prompts.abnormal]))
embedder.dispose()
const again = await encodePrompts(prompts, embeddingTable(loadEmbeddingTable(file)))
console.log(`from a table of ${Math.round(file.length / 1024)} KiB: ${again.cosine.toFixed(3)}`)
