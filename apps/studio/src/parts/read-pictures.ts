/** A file, with the path it had in a folder. */
export interface NamedFile {
  readonly name: string
  readonly file: File
}

/** The files of an input; of a folder, all in it and below, without the hidden ones. */
export function filesOfInput(list: FileList): NamedFile[] {
  return visible(Array.from(list, (file) => ({ name: file.webkitRelativePath || file.name, file })))
}

/** The files of a drop, and those in folders that were dropped. */
export async function filesOfDrop({ items, files }: DataTransfer): Promise<NamedFile[]> {
  // All entries are taken before the first wait: the list is emptied when the event is over.
  const entries = Array.from(items, (item) => item.webkitGetAsEntry()).filter((entry) => entry !== null)
  if (entries.length === 0) return filesOfInput(files)
  const found: NamedFile[] = []
  for (const entry of entries) await collect(entry, '', found)
  return visible(found)
}

async function collect(entry: FileSystemEntry, folder: string, found: NamedFile[]): Promise<void> {
  const name = `${folder}${entry.name}`
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))
    found.push({ name, file })
    return
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (some.length === 0) return
    for (const one of some) await collect(one, `${name}/`, found)
  }
}

function visible(files: NamedFile[]): NamedFile[] {
  const isHidden = (name: string): boolean =>
    name.split('/').some((part) => part.startsWith('.')) || name.endsWith('Thumbs.db')
  return files
    .filter(({ name }) => !isHidden(name))
    .sort((left, right) => (left.name < right.name ? -1 : left.name > right.name ? 1 : 0))
}
