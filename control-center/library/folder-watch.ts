import { type FSWatcher, watch } from 'node:fs'
import { join } from 'node:path'

/** The kernel's watches are few and shared: folders beyond this many wait for the next regular look. */
const WATCHES_MAX = 1000

/** Tells that something changed in folders, where the file system can tell; network folders can't. */
export class FolderWatch {
  private readonly watchers = new Map<string, FSWatcher>()

  constructor(
    private readonly musicFolder: string,
    private readonly onChange: () => void,
  ) {}

  /** The folders to watch from now on, relative to the music folder. */
  set(folders: readonly string[]): void {
    const wanted = new Set(folders.slice(0, WATCHES_MAX))
    for (const folder of this.watchers.keys()) if (!wanted.has(folder)) this.forget(folder)
    for (const folder of wanted) if (!this.watchers.has(folder)) this.add(folder)
  }

  stop(): void {
    for (const folder of [...this.watchers.keys()]) this.forget(folder)
  }

  private add(folder: string): void {
    try {
      const watcher = watch(join(this.musicFolder, folder), { persistent: false }, (_event, name) => {
        if (!name?.startsWith('.')) this.onChange()
      })
      // A folder that is gone, or too many watches: the regular look remains.
      watcher.on('error', () => this.forget(folder))
      this.watchers.set(folder, watcher)
    } catch {
      this.watchers.delete(folder)
    }
  }

  private forget(folder: string): void {
    this.watchers.get(folder)?.close()
    this.watchers.delete(folder)
  }
}
