import * as z from 'zod'

/** A receiver of results; plain JSON. */
export type SinkSpec = WebhookSpec | MqttSpec

export interface WebhookSpec {
  readonly type: 'webhook'
  /** Each result is a POST of its JSON. */
  readonly url: string
  /** Signs each body: `x-tab-signature: sha256=` and its HMAC in hex. */
  readonly secret?: string | undefined
  /** Only anomalous results and those that were not judged. Default false. */
  readonly onlyAlarms?: boolean | undefined
  /** Results that may wait while it is down; then the oldest are dropped and counted. Default 10000. */
  readonly queue?: number | undefined
}

export interface MqttSpec {
  readonly type: 'mqtt'
  /** `mqtt://`, `mqtts://`, `ws://` or `wss://`, with user and password where the broker wants them. */
  readonly url: string
  /** `{product}` and `{verdict}` are replaced. Default `tab/{product}/results`. */
  readonly topic?: string | undefined
  readonly onlyAlarms?: boolean | undefined
  readonly queue?: number | undefined
}

const common = { onlyAlarms: z.boolean().optional(), queue: z.int().min(1).optional() }
const address = (...schemes: string[]): z.ZodString =>
  z.string().regex(new RegExp(`^(${schemes.join('|')})://`), `expected a URL of ${schemes.join(', ')}`)

export const SINK_SPEC: z.ZodType<SinkSpec> = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('webhook'),
    url: address('http', 'https'),
    secret: z.string().min(1).optional(),
    ...common,
  }),
  z.strictObject({
    type: z.literal('mqtt'),
    url: address('mqtts?', 'wss?'),
    topic: z.string().min(1).optional(),
    ...common,
  }),
])
