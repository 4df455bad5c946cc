import type { LossWeights, StepRecord } from '@tab/model/training'
import type { VNode } from 'preact'
import { LineChart, type LineSeries, type Point } from '../charts/line-chart.tsx'
import { HtmlDocument, htmlText } from '../html-document.tsx'
import { describeJudged, type ModelCard } from '@tab/pipeline/results'

const MEAN_OF = 10 // steps; fewer show as they are

const TERM_NAMES: Readonly<Record<keyof LossWeights, string>> = {
  classAlignment: 'class alignment',
  stateAlignment: 'state alignment',
  patchAlignment: 'patch alignment',
  separation: 'separation',
  preservation: 'preservation',
}

/** How a training went, as one HTML document that needs nothing else: each figure of `history.jsonl` over the steps. */
export function curvesPage(history: readonly StepRecord[], card: ModelCard): string {
  return htmlText(<CurvesPage history={history} card={card} />)
}

function CurvesPage({ history, card }: { history: readonly StepRecord[]; card: ModelCard }): VNode {
  const title = `Pre-training on ${card.classes.map(({ name }) => name).join(', ')}`
  const { first, last, images, warning } = card.validation
  const facts: [string, string][] = [
    ['architecture', card.architecture],
    ['steps', String(card.steps)],
    ['pairs per step', String(card.settings.pairs * card.settings.accumulate)],
    ['image size', `${card.settings.imageSize} px`],
    ['anomalies', card.anomalies],
    ['preset', card.preset],
    ['texts', card.text === 'no CLIP text' ? `no CLIP text (${card.textModel})` : card.textModel],
    ['engine', `${card.engine.name}${card.engine.threads ? `, threads: ${card.engine.threads}` : ''}`],
    ['seed', String(card.seed)],
    ['validation AUROC', `${first?.toFixed(4) ?? '–'} before, ${last?.toFixed(4) ?? '–'} after`],
    ['validated on', images.normal > 0 ? describeJudged(card.validation) : 'no image: none was held out'],
  ]
  return (
    <HtmlDocument title={title}>
      <main>
        <h1>{title}</h1>
        <dl>
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        {warning !== null && <p class="warning">Warning: {warning}</p>}
        <h2>Loss</h2>
        <div class="charts">
          <StepChart
            title="Total loss"
            yLabel="weighted sum"
            values={history.map(({ loss }) => loss)}
            steps={history}
          />
          {(Object.keys(TERM_NAMES) as (keyof LossWeights)[])
            .filter((term) => history.some(({ terms }) => terms[term] !== undefined))
            .map((term) => (
              <StepChart
                key={term}
                title={`Term: ${TERM_NAMES[term]}`}
                yLabel="before its weight"
                values={history.map(({ terms }) => terms[term])}
                steps={history}
                note={`Weight ${card.settings.losses[term]}.`}
              />
            ))}
        </div>
        <h2>Validation</h2>
        <Validation history={history} first={first} />
        <h2>Optimisation</h2>
        <div class="charts">
          <StepChart
            title="Learning rate"
            yLabel="learning rate"
            values={history.map(({ learningRate }) => learningRate)}
            steps={history}
            smooth={false}
            note={`Of the backbone; heads and temperature learn ${card.settings.headLearningRate / card.settings.learningRate} times as fast.`}
          />
          <StepChart
            title="Gradient norm"
            yLabel="norm before clipping"
            values={history.map(({ gradientNorm }) => gradientNorm)}
            steps={history}
            note={card.settings.clipNorm === null ? 'Not clipped.' : `Clipped at ${card.settings.clipNorm}.`}
          />
          <StepChart
            title="Temperature"
            yLabel="temperature"
            values={history.map(({ temperature }) => temperature)}
            steps={history}
            smooth={false}
          />
          <StepChart
            title="Images per second"
            yLabel="images / s"
            values={history.map(({ imagesPerSecond }) => imagesPerSecond)}
            steps={history}
          />
        </div>
      </main>
      <footer>{`Made by ${card.madeBy}`}</footer>
    </HtmlDocument>
  )
}

interface StepChartProps {
  readonly title: string
  readonly yLabel: string
  readonly steps: readonly StepRecord[]
  readonly values: readonly (number | undefined)[]
  /** Also the mean of the steps before, for what jumps from step to step. Default true. */
  readonly smooth?: boolean
  readonly note?: string
}

function StepChart({ title, yLabel, steps, values, smooth = true, note }: StepChartProps): VNode {
  const largest = Math.max(...values.map((value) => Math.abs(value ?? 0)))
  // Small values are shown in thousandths or millionths, as their digits would run out of the margin.
  const exponent = largest > 0 && largest < 0.1 ? 3 * Math.ceil(-Math.log10(largest) / 3) : 0
  const points = steps.flatMap(({ step }, index): Point[] => {
    const value = values[index]
    return value === undefined ? [] : [[step, value * 10 ** exponent]]
  })
  const series: LineSeries[] = [{ name: 'each step', points }]
  if (smooth && points.length > 2 * MEAN_OF) {
    series.push({ name: `mean of ${MEAN_OF} steps`, points: means(points) })
  }
  const scaled = exponent === 0 ? yLabel : `${yLabel}, in 1e-${exponent}`
  return <LineChart {...{ title, series, note }} yLabel={scaled} xLabel="step" />
}

function Validation({ history, first }: { history: readonly StepRecord[]; first: number | null }): VNode {
  const judged = history.flatMap(({ step, validation }): Point[] =>
    validation === undefined ? [] : [[step, validation]],
  )
  const points: Point[] = first === null ? judged : [[0, first], ...judged]
  if (points.length === 0) return <p class="hint">None: no class has the five images from which one can be held out.</p>
  return (
    <div class="charts">
      <LineChart
        title="Validation AUROC"
        xLabel="step"
        yLabel="AUROC"
        series={[{ name: 'validation', points }]}
        yDomain={[Math.min(0.5, ...points.map(([, value]) => value)), 1]}
        note="Held-out good images against fresh synthetic anomalies made of them; no test image is looked at."
      />
    </div>
  )
}

/** Each point with the mean of itself and the ones before it. */
function means(points: readonly Point[]): Point[] {
  return points.slice(MEAN_OF - 1).map(([x], index): Point => {
    const window = points.slice(index, index + MEAN_OF)
    return [x, window.reduce((sum, [, y]) => sum + y, 0) / MEAN_OF]
  })
}
