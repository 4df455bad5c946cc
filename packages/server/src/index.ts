export { createServer, type ServerOptions, type TabServer } from './create-server.ts'
export type { MqttSpec, SinkSpec, WebhookSpec } from './sinks/sink-spec.ts'
export type { SourceSpec } from './sources/source-spec.ts'
export { SERVER_SPEC, type RequestLimits, type ServerSpec, type StorePolicy } from './server-spec.ts'
