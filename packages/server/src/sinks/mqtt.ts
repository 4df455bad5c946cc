import { connect } from 'mqtt'
import type { Sink } from './sink.ts'
import type { MqttSpec } from './sink-spec.ts'

const LONGEST = 10_000 // ms until the broker confirms

/** A message for each result, at least once (QoS 1). */
export function mqtt({ url, topic = 'tab/{product}/results' }: MqttSpec): Sink {
  // One result at a time is under way, so that order is kept; the queue is ours, not the client's.
  const client = connect(url, { queueQoSZero: false, reconnectPeriod: 1000, connectTimeout: LONGEST })
  let failure = 'not connected yet'
  client.on('error', (error) => (failure = error.message))
  client.on('offline', () => (failure = 'the broker cannot be reached'))
  return {
    name: `mqtt ${new URL(url).host}`,
    async send(result) {
      if (!client.connected) throw new Error(failure)
      const { product, verdict } = result
      const place = topic.replace('{product}', () => product).replace('{verdict}', () => verdict)
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error('the broker does not confirm')), LONGEST)
      })
      await Promise.race([client.publishAsync(place, JSON.stringify(result), { qos: 1 }), late]).finally(() =>
        clearTimeout(timer),
      )
    },
    close: () => client.endAsync(true),
  }
}
