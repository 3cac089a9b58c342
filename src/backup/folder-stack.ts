import type { FileHandle } from 'node:fs/promises';
import * as walk from '../common/files/directory-walk';

/** The folders on the way to one place after another, held open as far as the next one needs them; no link is followed. */
export class FolderStack {
  private readonly open: { name: Buffer; handle: FileHandle }[] = [];

  /** @param root stays the caller's. */
  constructor(private readonly root: FileHandle) {}

  /** The folder at this path, which this stack will close. */
  async at(path: readonly Buffer[]): Promise<FileHandle> {
    let same = 0;
    while (same < this.open.length && same < path.length && this.open[same].name.equals(path[same])) same += 1;
    await this.closeTo(same);
    for (const name of path.slice(same)) {
      const above = this.open.at(-1)?.handle ?? this.root;
      this.open.push({ name, handle: await walk.openFolderAt(above, name) });
    }
    return this.open.at(-1)?.handle ?? this.root;
  }

  close(): Promise<void> {
    return this.closeTo(0);
  }

  private async closeTo(depth: number): Promise<void> {
    while (this.open.length > depth) await this.open.pop()!.handle.close();
  }
}
