// What a PLC does at the end of a line: a part passes if the camera's verdict says so in time, and is rejected in every other case.
import { connectAsync } from 'mqtt'

export interface Decision {
  readonly pass: boolean
  readonly why: string
}

export interface Gate {
  /** A part has passed the camera; its picture has this name. @param within milliseconds until it is at the gate */
  decide(picture: string, within: number): Promise<Decision>
  close(): Promise<void>
}

/** What the gate reads of a result. */
interface Result {
  readonly imageName: string | null
  readonly verdict: string
  readonly reason: string | null
  readonly score: number | null
  readonly threshold: number | null
}

export async function openGate(broker: string, topic: string): Promise<Gate> {
  const client = await connectAsync(broker)
  const expected = new Map<string, (result: Result) => void>()
  client.on('message', (_, message) => {
    const result = JSON.parse(message.toString()) as Result
    expected.get(result.imageName ?? '')?.(result)
  })
  await client.subscribeAsync(topic, { qos: 1 })
  return {
    decide: (picture, within) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => expected.get(picture)?.(NO_ANSWER), within)
        expected.set(picture, ({ verdict, reason, score, threshold }) => {
          clearTimeout(timer)
          expected.delete(picture)
          const scored =
            score === null ? '' : `, ${score.toFixed(2)} against ${threshold?.toFixed(2) ?? 'no threshold'}`
          resolve({ pass: verdict === 'good', why: `${verdict}${reason === null ? scored : `, ${reason}`}` })
        })
      }),
    close: () => client.endAsync(),
  }
}

const NO_ANSWER: Result = { imageName: null, verdict: 'no answer', reason: 'in time', score: null, threshold: null }
