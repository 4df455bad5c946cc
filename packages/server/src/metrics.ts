import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

/** What is counted of the server, in the text format of Prometheus. */
export interface Metrics {
  readonly registry: Registry
  readonly inspections: Counter<'product' | 'version' | 'verdict'>
  readonly failures: Counter<'product' | 'code'>
  readonly seconds: Histogram<'stage'>
}

/** @param read figures that are looked up when somebody asks for them */
export function createMetrics(
  read: Readonly<Record<string, { readonly help: string; readonly of: () => number }>>,
): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  for (const [name, { help, of }] of Object.entries(read)) {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(of())
      },
    })
  }
  return {
    registry,
    inspections: new Counter({
      name: 'tab_inspections_total',
      help: 'Images that were inspected',
      labelNames: ['product', 'version', 'verdict'],
      registers,
    }),
    failures: new Counter({
      name: 'tab_failures_total',
      help: 'Images that were not inspected, by the code of the error',
      labelNames: ['product', 'code'],
      registers,
    }),
    seconds: new Histogram({
      name: 'tab_inspection_seconds',
      help: 'Time of each stage of an inspection',
      labelNames: ['stage'],
      buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
      registers,
    }),
  }
}
