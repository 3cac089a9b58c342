import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Writes files into a folder of pipelines, by their path below it; each can be started. */
export function writePipelines(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
    chmodSync(join(folder, path), 0o755);
  }
}

/** A folder of pipelines with these files, for `PIPELINES_DIR`; whoever makes it removes it. */
export function makePipelines(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'showrunner-pipelines-'));
  writePipelines(folder, files);
  return folder;
}
