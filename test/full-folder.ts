import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Whether file systems may be mounted here. */
export const MOUNTS = process.getuid?.() === 0 && spawnSync('mount', ['--version']).status === 0;

/** A folder on a small file system of its own, in which at some moment no file can be made any more. */
export class FullFolder {
  private fillings: string[] = [];

  /** Mounts it. @param path absolute. */
  constructor(readonly path: string) {
    mkdirSync(path, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m,nr_inodes=200', 'tmpfs', path]);
  }

  /** Takes all files that it can have. */
  fill(): void {
    for (;;) {
      const filling = join(this.path, `filling-${this.fillings.length}`);
      try {
        writeFileSync(filling, '');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return;
        throw error;
      }
      this.fillings.push(filling);
    }
  }

  makeRoom(): void {
    for (const filling of this.fillings.splice(0)) rmSync(filling);
  }

  remove(): void {
    execFileSync('umount', ['-l', this.path]);
  }
}
