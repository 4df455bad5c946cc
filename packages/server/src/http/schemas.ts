import * as z from 'zod'

// What goes over the wire. The OpenAPI document is made of these.

export const productName: z.ZodString = z.string().min(1).max(100)
const nullableNumber = z.number().nullable()

const box = z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() })

const region = z.object({
  box: box.describe('In pixels of the image that was sent.'),
  area: z.number().describe('Pixels of the anomaly map.'),
  peak: z.number().describe('The highest map value.'),
  peakAt: z.object({ x: z.number(), y: z.number() }),
})

const verdict = z.enum(['good', 'anomalous', 'not-judged'])

/** The answer to one image. */
export const INSPECTION = z
  .object({
    id: z.string(),
    at: z.iso.datetime(),
    product: z.string(),
    version: z.string(),
    digest: z.string().describe('SHA-256 of the detector file.'),
    imageDigest: z.string().describe('SHA-256 of the image file.'),
    imageName: z
      .string()
      .nullable()
      .describe('What the client calls the image, or the file in a folder that is watched.'),
    verdict: verdict.describe(
      '`not-judged` where the detector has no threshold, or the picture is out of focus, too dark or of another size: it is not a good part.',
    ),
    reason: z.string().nullable(),
    score: nullableNumber.describe('Higher is more anomalous.'),
    threshold: nullableNumber.describe('A score above it is anomalous.'),
    thresholdFrom: z.enum(['detector', 'override', 'none']),
    pixelThreshold: nullableNumber,
    guaranteedRate: nullableNumber.describe('The rate of false alarms that the threshold promises.'),
    pValue: nullableNumber.describe('Of "this part is good".'),
    normalizedScore: nullableNumber.describe('0.5 at the threshold of the detector file.'),
    regions: z.array(region),
    stored: z.boolean().nullable().describe('Whether the result is in the store; null where that was not waited for.'),
    milliseconds: z.object({ queued: z.number(), open: z.number(), inspect: z.number(), total: z.number() }),
  })
  .meta({ id: 'Inspection' })
export type InspectionAnswer = z.infer<typeof INSPECTION>

export const FAILURE = z.object({ error: z.object({ code: z.string(), message: z.string() }) }).meta({ id: 'Failure' })

const VERSION = z
  .object({
    name: z.string(),
    digest: z.string(),
    at: z.iso.datetime().describe('When the file was last written.'),
    active: z.boolean(),
    refused: z.string().nullable().describe('Why it is not served.'),
    threshold: nullableNumber,
    thresholdOverride: nullableNumber,
    guaranteedRate: nullableNumber,
    imageSize: z.tuple([z.number(), z.number()]).nullable(),
  })
  .meta({ id: 'Version' })

export const PRODUCT = z
  .object({
    name: z.string(),
    active: z.string().nullable().describe('Version that images are inspected with.'),
    pinned: z.boolean().describe('Whether it stays when a newer file comes.'),
    versions: z.array(VERSION),
  })
  .meta({ id: 'Product' })

const author = z.string().max(200).nullish().describe('Who says so.')
const note = z.string().max(2000).nullish()

export const ACTIVATION = z.strictObject({
  version: z.string().nullable().describe('null follows the newest one.'),
  author,
  note,
})

export const THRESHOLD = z.strictObject({
  version: z.string(),
  value: z.number().nullable().describe('null takes that of the detector file again.'),
  author,
  note,
})

export const CHANGE = z
  .object({
    id: z.number(),
    at: z.iso.datetime(),
    product: z.string(),
    kind: z.enum(['activate', 'threshold', 'learn']),
    version: z.string().nullable(),
    digest: z.string().nullable(),
    value: nullableNumber,
    author: z.string().nullable(),
    note: z.string().nullable(),
  })
  .meta({ id: 'Change' })

export const FEEDBACK = z.strictObject({
  result: z.string().describe('The `id` of an inspection.'),
  label: z.enum(['good', 'defect']),
  region: box.nullish().describe('Where the defect is, in pixels of the image.'),
  note,
  author,
})

export const LEARN = z.strictObject({
  results: z.array(z.string()).min(1).max(20).describe('`id` of inspections whose images are of good parts.'),
  force: z.boolean().default(false).describe('Also where it misses a defect that is found now.'),
  author,
  note,
})

const effect = z.object({
  images: z.number().describe('Kept images; at most the 200 newest.'),
  before: z.number().describe('Judged so by the version before.'),
  after: z.number().describe('Judged so by the new one.'),
})

export const LEARNED = z
  .object({
    version: z.string(),
    digest: z.string(),
    defects: effect.describe('What people call a defect, and how much of it is found.'),
    good: effect.describe('What people call good, and how much of it passes.'),
    learned: z
      .array(z.object({ result: z.string(), before: nullableNumber, after: nullableNumber }))
      .describe('Scores.'),
    missed: z.array(z.string()).describe('Results whose defects were found before and pass from now on.'),
  })
  .meta({ id: 'Learned' })

export const FEEDBACK_EXPORT = z
  .object({
    folder: z.string().describe('In the folder of the server’s own files.'),
    good: z.number(),
    defect: z.number(),
    missing: z.number().describe('Labelled images that were not kept.'),
  })
  .meta({ id: 'FeedbackExport' })

export const RECORDED_FEEDBACK = z
  .object({
    id: z.string(),
    at: z.iso.datetime(),
    product: z.string(),
    resultId: z.string(),
    label: z.enum(['good', 'defect']),
    region: box.nullable(),
    note: z.string().nullable(),
    author: z.string().nullable(),
    imageDigest: z.string(),
    imageName: z.string().nullable(),
    verdict,
    score: nullableNumber,
  })
  .meta({ id: 'Feedback' })

export const RESULT = z
  .object({
    id: z.string(),
    at: z.iso.datetime(),
    product: z.string(),
    version: z.string(),
    digest: z.string(),
    imageDigest: z.string(),
    imageName: z.string().nullable(),
    verdict,
    reason: z.string().nullable(),
    score: nullableNumber,
    threshold: nullableNumber,
    pValue: nullableNumber,
    regions: z.array(region),
    milliseconds: z.number(),
  })
  .meta({ id: 'Result' })
