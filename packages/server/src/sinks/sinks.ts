import type { InspectionAnswer } from '../http/schemas.ts'
import { DeliveryQueue } from '../delivery/delivery-queue.ts'
import { mqtt } from './mqtt.ts'
import { Refused, type Sink } from './sink.ts'
import type { SinkSpec } from './sink-spec.ts'
import { webhook } from './webhook.ts'

/** How a sink is. */
export interface SinkState {
  readonly name: string
  readonly waiting: number
  /** Results that never arrived: the queue was full, or the receiver did not want them. */
  readonly dropped: number
  /** Why it takes nothing at present. */
  readonly failure: string | null
}

/** All receivers of results. None of them is waited for. */
export interface Sinks {
  send(result: InspectionAnswer): void
  states(): SinkState[]
  close(): Promise<void>
}

const DEFAULT_QUEUE = 10_000

/** @param onNote told of each result that a receiver does not want */
export function openSinks(specs: readonly SinkSpec[], onNote: (note: string) => void): Sinks {
  const sinks = specs.map((spec) => openSink(spec, onNote))
  return {
    send(result) {
      const isAlarm = result.verdict !== 'good'
      for (const { queue, onlyAlarms } of sinks) if (isAlarm || !onlyAlarms) void queue.add(result)
    },
    states: () =>
      sinks.map(({ sink: { name }, queue, refused }) => ({
        name,
        waiting: queue.size,
        dropped: queue.dropped + refused(),
        failure: queue.failure,
      })),
    async close() {
      await Promise.all(sinks.map(({ queue, sink }) => queue.close().then(() => sink.close())))
    },
  }
}

interface OpenSink {
  readonly sink: Sink
  readonly queue: DeliveryQueue<InspectionAnswer>
  readonly onlyAlarms: boolean
  readonly refused: () => number
}

function openSink(spec: SinkSpec, onNote: (note: string) => void): OpenSink {
  const { queue: limit = DEFAULT_QUEUE, onlyAlarms = false } = spec
  const sink = spec.type === 'mqtt' ? mqtt(spec) : webhook(spec)
  let refused = 0
  const deliver = async ([result]: readonly InspectionAnswer[]): Promise<void> => {
    if (!result) return
    try {
      await sink.send(result)
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      refused += 1
      onNote(`${sink.name} does not want result ${result.id}: ${error.message}`)
    }
  }
  return { sink, onlyAlarms, queue: new DeliveryQueue({ limit, atOnce: 1, deliver }), refused: () => refused }
}
