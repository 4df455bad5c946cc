import type { Kysely, Migration } from 'kysely'

/** By name, in their order; one that is released never changes. */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-results-feedback-changes': {
    async up(database: Kysely<never>) {
      await database.schema
        .createTable('results')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('at', 'timestamptz', (column) => column.notNull())
        .addColumn('product', 'text', (column) => column.notNull())
        .addColumn('version', 'text', (column) => column.notNull())
        .addColumn('digest', 'text', (column) => column.notNull())
        .addColumn('imageDigest', 'text', (column) => column.notNull())
        .addColumn('imageName', 'text')
        .addColumn('verdict', 'text', (column) => column.notNull())
        .addColumn('reason', 'text')
        .addColumn('score', 'double precision')
        .addColumn('threshold', 'double precision')
        .addColumn('pValue', 'double precision')
        .addColumn('regions', 'jsonb', (column) => column.notNull())
        .addColumn('milliseconds', 'double precision', (column) => column.notNull())
        .execute()
      await database.schema.createIndex('results_of_product').on('results').columns(['product', 'at']).execute()
      await database.schema.createIndex('results_by_time').on('results').columns(['at']).execute()
      await database.schema
        .createTable('feedback')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('at', 'timestamptz', (column) => column.notNull())
        .addColumn('product', 'text', (column) => column.notNull())
        .addColumn('resultId', 'text', (column) => column.notNull().references('results.id').onDelete('cascade'))
        .addColumn('label', 'text', (column) => column.notNull())
        .addColumn('region', 'jsonb')
        .addColumn('note', 'text')
        .addColumn('author', 'text')
        .execute()
      await database.schema
        .createTable('changes')
        .addColumn('id', 'serial', (column) => column.primaryKey())
        .addColumn('at', 'timestamptz', (column) => column.notNull())
        .addColumn('product', 'text', (column) => column.notNull())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('version', 'text')
        .addColumn('digest', 'text')
        .addColumn('value', 'double precision')
        .addColumn('author', 'text')
        .addColumn('note', 'text')
        .execute()
    },
  },
  '0002-results-by-image': {
    async up(database: Kysely<never>) {
      await database.schema.createIndex('results_by_image').on('results').columns(['imageDigest']).execute()
    },
  },
}
