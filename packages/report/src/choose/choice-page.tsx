import { LIMITS_OF_SYNTHETIC, type Choice, type MeasuredCandidate } from '@tab/pipeline/results'
import type { VNode } from 'preact'
import { LineChart, type LineSeries, type Point } from '../charts/line-chart.tsx'
import { DataTable } from '../data-table.tsx'
import { HtmlDocument, htmlText } from '../html-document.tsx'
import { choiceTable, figureText, msText } from './choice-table.ts'
import { choiceSentences } from './choice-sentences.ts'

const MOST_LINES = 4

/**
 * A choice of `choose` as one HTML document that loads nothing: what was chosen and the command that fits it, every candidate with its figures, the
 * smallest defects, and the number of good images that is enough.
 * @example
 * ```ts
 * import { choose } from '@tab/pipeline/node'
 * import { choicePage } from '@tab/report'
 *
 * const backbones = [{ name: 'resnet18', weights: 'resnet18.safetensors' }]
 * const small = { detectors: ['patchcore' as const], imageSizes: [32], minutes: 0.001 }
 * const choice = await choose({ data: 'washers', backbones, ...small, output: 'chosen' })
 * console.log(choicePage(choice).slice(0, 15)) // <!doctype html>
 * ```
 */
export function choicePage(choice: Choice): string {
  return htmlText(<ChoicePage choice={choice} />)
}

function ChoicePage({ choice }: { choice: Choice }): VNode {
  const { dataset, candidates, chosen, command, fit, notes, untried, madeBy } = choice
  const title = `Choice for ${dataset}`
  const found = candidates.find(({ name }) => name === chosen)
  const [basis, ...rest] = choiceSentences(choice)
  return (
    <HtmlDocument title={title}>
      <main>
        <h1>{title}</h1>
        <div class="note">
          {rest.map((sentence) => (
            <p key={sentence}>{sentence}</p>
          ))}
        </div>
        <p class="hint">{basis}</p>
        {notes.length > 0 && (
          <ul class="notes">
            {notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        )}
        {command && (
          <>
            <h2>Fit it</h2>
            <pre tabIndex={0} role="group" aria-label="Command">
              <code>{command}</code>
            </pre>
          </>
        )}
        {fit && (
          <details>
            <summary>The same as a spec</summary>
            <pre tabIndex={0} role="group" aria-label="Spec">
              <code>{JSON.stringify(fit, null, 2)}</code>
            </pre>
          </details>
        )}
        <Candidates choice={choice} />
        <SmallestDefects candidates={candidates} chosen={found} />
        <EnoughImages choice={choice} />
        {untried.length > 0 && (
          <>
            <h2>Not tried</h2>
            <ul class="notes">
              {untried.map(({ name, reason }) => (
                <li key={name}>
                  {name}: {reason}
                </li>
              ))}
            </ul>
          </>
        )}
        <h2>What synthetic defects do not show</h2>
        <ul class="notes">
          {LIMITS_OF_SYNTHETIC.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      </main>
      <footer>{`Made by ${madeBy}`}</footer>
    </HtmlDocument>
  )
}

function Candidates({ choice }: { choice: Choice }): VNode {
  const { candidates, chosen, judgedBy, limits } = choice
  const { columns, rows } = choiceTable(choice)
  const isBoth = judgedBy === 'real' && candidates.some(({ synthetic }) => synthetic !== null)
  const within = [
    ...(limits.milliseconds === null ? [] : [`${limits.milliseconds} ms per image`]),
    ...(limits.megabytes === null ? [] : [`${limits.megabytes} MB`]),
  ]
  return (
    <>
      <h2>Candidates</h2>
      <p class="hint">
        {within.length > 0 ? `Limits: ${within.join(' and ')}. ` : ''}Times are of one image from its file to its score,
        beside whatever else this machine does; megabytes are of the detector’s file. Pixel figures are taken at the
        size that each candidate sees. Of candidates that cannot be told apart on the same photographs (“as good”) the
        cheaper one is chosen.
      </p>
      <DataTable
        label="Candidates"
        caption={judgedBy === 'real' ? 'On the defects of the data set' : 'On synthetic defects'}
        columns={columns}
        rows={rows.map((cells) => ({
          key: cells[0] as string,
          cells,
          ...(cells[0] === chosen ? { class: 'overall' } : {}),
        }))}
      />
      <details>
        <summary>Intervals and costs</summary>
        <DataTable
          label="Intervals and costs"
          caption="95 % intervals over photographs; fit in seconds with its threshold, reading in ms"
          columns={[
            ...['candidate', 'pixel AUROC', 'AUPRO 0.3', 'gap to the best', 'threshold', 'bank', 'fit s', 'reading ms'],
            ...(isBoth ? ['image AUROC on synthetic defects', 'AUPRO on them'] : []),
          ]}
          rows={candidates.map((candidate) => {
            const { name, real, synthetic, gap, threshold, cost } = candidate
            const quality = real ?? synthetic
            const own = [
              name,
              quality?.pixelAuroc ? figureText(quality.pixelAuroc) : '–',
              quality?.aupro ? figureText(quality.aupro) : '–',
              gap ? `${figureText({ value: gap.difference, interval: gap.interval })}, ${gap.on}` : '–',
              threshold ? threshold.value.toPrecision(4) : '–',
              cost.bankSize === null ? '–' : String(cost.bankSize),
              cost.fitSeconds.toFixed(1),
              msText(cost.readMilliseconds),
            ]
            const others = [
              synthetic ? figureText(synthetic.imageAuroc) : '–',
              synthetic?.aupro ? figureText(synthetic.aupro) : '–',
            ]
            return { key: name, cells: isBoth ? [...own, ...others] : own }
          })}
        />
      </details>
    </>
  )
}

/** The share of synthetic defects that are found, over their width: of the choice and the best others. */
function SmallestDefects({
  candidates,
  chosen,
}: {
  candidates: readonly MeasuredCandidate[]
  chosen: MeasuredCandidate | undefined
}): VNode {
  const reach = ({ found }: MeasuredCandidate): number =>
    (found ?? []).reduce((sum, each) => sum + each.found / each.of, 0)
  const others = candidates
    .filter((candidate) => candidate !== chosen && candidate.found !== null && candidate.found.length > 0)
    .sort((left, right) => reach(right) - reach(left))
  const shown = [...(chosen?.found?.length ? [chosen] : []), ...others].slice(0, MOST_LINES)
  const widths = [...new Set(shown.flatMap(({ found }) => (found ?? []).map(({ width }) => width)))].sort(
    (left, right) => left - right,
  )
  if (shown.length === 0) return <></>
  const series = shown.map(({ name, found }): LineSeries => ({
    name,
    points: (found ?? []).map((each): Point => [widths.indexOf(each.width), each.found / each.of]),
  }))
  const of = Math.max(...shown.flatMap(({ found }) => (found ?? []).map((each) => each.of)))
  return (
    <>
      <h2>The smallest defect</h2>
      <p class="hint">
        How many synthetic spots and scratches score above the threshold that tab fit draws, by their width in pixels of
        the photograph, at most {of} of each width.
      </p>
      <div class="charts">
        {widths.length > 1 && (
          <LineChart
            title="Synthetic defects found"
            xLabel="width in px"
            yLabel="share found"
            xNames={widths.map(String)}
            xDomain={[0, widths.length - 1]}
            yDomain={[0, 1]}
            series={series}
            reference={[
              [0, 0.9],
              [widths.length - 1, 0.9],
            ]}
            note="The faint line is nine of ten."
          />
        )}
      </div>
      <DataTable
        label="Synthetic defects found"
        columns={['candidate', ...widths.map((width) => `${width} px`)]}
        rows={candidates.map(({ name, found }) => ({
          key: name,
          cells: [
            name,
            ...widths.map((width) => {
              const each = found?.find((other) => other.width === width)
              return each ? `${each.found} of ${each.of}` : '–'
            }),
          ],
          ...(name === chosen?.name ? { class: 'overall' } : {}),
        }))}
      />
    </>
  )
}

function EnoughImages({ choice: { curve, chosen } }: { choice: Choice }): VNode {
  if (!curve || curve.points.length === 0) return <></>
  const { points } = curve
  const names = points.map(({ images }) => String(images))
  const line = (name: string, valueOf: (point: (typeof points)[number]) => number | undefined): LineSeries => ({
    name,
    points: points.flatMap((point, index): Point[] => {
      const value = valueOf(point)
      return value === undefined ? [] : [[index, value]]
    }),
  })
  const lowest = Math.min(...points.flatMap(({ value, interval }) => [value, interval?.[0] ?? value]))
  return (
    <>
      <h2>How many good images are enough</h2>
      <p class="hint">
        {chosen}, fitted on fewer and fewer of the images, three draws of each number, and judged on the same good
        images and {curve.on === 'real' ? 'the defects of the data set' : 'synthetic defects'}.
        {curve.isCutShort ? ' Time ran out before the curve was whole.' : ''}
      </p>
      <div class="charts">
        {points.length > 1 && (
          <LineChart
            title="Image AUROC over good images"
            xLabel="good images"
            yLabel="image AUROC"
            xNames={names}
            xDomain={[0, points.length - 1]}
            yDomain={[Math.max(0, Math.min(0.9, Math.floor(lowest * 10) / 10)), 1]}
            series={[
              line('mean of the draws', ({ value }) => value),
              line('95 %, lower end', ({ interval }) => interval?.[0]),
              line('95 %, upper end', ({ interval }) => interval?.[1]),
            ]}
          />
        )}
      </div>
      <DataTable
        label="Image AUROC over good images"
        columns={['good images', 'image AUROC (95 %)', 'lowest and highest draw']}
        rows={points.map(({ images, draws, ...figure }) => ({
          key: String(images),
          cells: [String(images), figureText(figure), draws.map((value) => value.toFixed(3)).join('–')],
          ...(images === curve.enough ? { class: 'overall' } : {}),
        }))}
      />
    </>
  )
}
