import { openDB, type DBSchema, type IDBPDatabase } from 'idb'

/** A photograph as it is kept. */
export interface KeptPicture {
  readonly id: number
  readonly name: string
  readonly blob: Blob
  /** A small copy to show. */
  readonly thumbnail: Blob
  /** Whether it is kept but not learned from. */
  readonly isOut: boolean
}

/** What is kept besides pictures, by name. */
export interface KeptValues {
  readonly detector: KeptDetector
  /** There from the start of a fit to its end. */
  readonly learning: true
  readonly side: number
  readonly threshold: number
}

export interface KeptDetector {
  readonly file: Uint8Array
  readonly name: string
  /** Of another maker, chosen by the user. */
  readonly backbone?: Uint8Array
  /** Of the fit; absent where the file was opened. */
  readonly learned?: LearnedNote
}

/** What is said of a fit. */
export interface LearnedNote {
  readonly pictures: number
  /** Null where there are too few pictures to compare, absent where they are not compared yet. */
  readonly suspects?: readonly { readonly name: string; readonly pValue: number }[] | null
  readonly seconds: number
  readonly heldBytes: number
}

interface Schema extends DBSchema {
  pictures: { key: number; value: KeptPicture }
  values: { key: string; value: unknown }
}

const NAME = 'tab-studio'
let opened: Promise<IDBPDatabase<Schema>> | undefined

function database(): Promise<IDBPDatabase<Schema>> {
  return (opened ??= openDB<Schema>(NAME, 1, {
    upgrade(made) {
      made.createObjectStore('pictures', { keyPath: 'id', autoIncrement: true })
      made.createObjectStore('values')
    },
  }))
}

/** Keeps a picture; resolves with its number once it is on the disk. */
export async function keepPicture(picture: Omit<KeptPicture, 'id'>): Promise<number> {
  return (await database()).add('pictures', picture as KeptPicture)
}

export async function changePicture(picture: KeptPicture): Promise<void> {
  await (await database()).put('pictures', picture)
}

export async function removePicture(id: number): Promise<void> {
  await (await database()).delete('pictures', id)
}

export async function keptPictures(): Promise<readonly KeptPicture[]> {
  return (await database()).getAll('pictures')
}

export async function keepValue<K extends keyof KeptValues>(name: K, value: KeptValues[K] | undefined): Promise<void> {
  const values = await database()
  await (value === undefined ? values.delete('values', name) : values.put('values', value, name))
}

export async function keptValue<K extends keyof KeptValues>(name: K): Promise<KeptValues[K] | undefined> {
  return (await (await database()).get('values', name)) as KeptValues[K] | undefined
}

/** Forgets everything. */
export async function forgetAll(): Promise<void> {
  const all = await database()
  await Promise.all([all.clear('pictures'), all.clear('values')])
}
