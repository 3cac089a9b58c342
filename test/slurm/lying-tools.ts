import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const TOOLS = ['sbatch', 'squeue', 'scontrol', 'scancel', 'sacct'] as const;
export type LyingTool = (typeof TOOLS)[number];

/**
 * Slurm's tools as a folder for SLURM_BIN. Each hands on to the real one, unless a lie lies there for it: a piece of shell that is run in
 * its place, with the real tool as `$real` and the arguments as they are. Each lie is told once.
 */
export class LyingTools {
  readonly folder = mkdtempSync(join(tmpdir(), 'showrunner-lies-'));
  private count = 0;

  constructor() {
    for (const tool of TOOLS) {
      mkdirSync(join(this.folder, 'lies', tool), { recursive: true });
      const script = `#!/bin/sh
        real=/usr/bin/${tool}
        for lie in ${this.folder}/lies/${tool}/*; do
          mv "$lie" "$lie.$$" 2>/dev/null && mv "$lie.$$" ${this.folder}/${tool}.$$ && { . ${this.folder}/${tool}.$$; exit; }
        done
        exec $real "$@"`;
      writeFileSync(join(this.folder, tool), script);
      chmodSync(join(this.folder, tool), 0o755);
    }
  }

  /** The next `times` calls of the tool do this instead. */
  tell(tool: LyingTool, lie: string, times = 1): void {
    for (let told = 0; told < times; told += 1) {
      this.count += 1;
      writeFileSync(join(this.folder, 'lies', tool, String(this.count).padStart(6, '0')), lie);
    }
  }

  /** From now on every tool is honest. */
  forgetAll(): void {
    for (const tool of TOOLS) {
      rmSync(join(this.folder, 'lies', tool), { recursive: true });
      mkdirSync(join(this.folder, 'lies', tool));
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
