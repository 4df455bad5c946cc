import { readPrepared } from '@tab/data/node'
import type { Evaluation } from '../evaluation/evaluate.ts'
import { notableCases, type NotableCase } from '../evaluation/notable-cases.ts'
import { casePictures, heatmapScale } from './case-pictures.ts'
import type { ReportCase, ReportRun } from './report-data.ts'

const CASES_OF_A_KIND = 6 // fills rows of one, two and three cards

/** Makes a finished evaluation into what the page shows: its numbers and the pictures of its notable cases. */
export async function describeRun(title: string, { results, scoring }: Evaluation): Promise<ReportRun> {
  const { set } = scoring
  const size = results.run.resolution
  const area = size[0] * size[1]
  const scale = heatmapScale(set.maps.data)

  async function draw({ sample, index, score, aboveGood }: NotableCase): Promise<ReportCase> {
    const { image } = await readPrepared(sample, { size })
    const mask = set.masks.data.subarray(index * area, (index + 1) * area)
    const map = set.maps.data.subarray(index * area, (index + 1) * area)
    const pictures = await casePictures(image, mask, map, scale)
    return { id: sample.id, defect: sample.defect, score, aboveGood, pictures }
  }
  const { missed, falseAlarms, found } = notableCases(scoring, CASES_OF_A_KIND)
  return {
    title,
    results,
    missed: await Promise.all(missed.map(draw)),
    falseAlarms: await Promise.all(falseAlarms.map(draw)),
    found: await Promise.all(found.map(draw)),
  }
}
