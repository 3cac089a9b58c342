import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { readConfig, type AppConfig } from '../../../src/common/config/app-config';

export const SHIPPED = resolve(__dirname, '..', '..', '..', 'config', 'pipelines');

/** A folder of pipelines of its own, with what lies in it: by path, content; what begins with `#!` is executable. */
export function aFolderOfPipelines(files: Record<string, string | Buffer> = {}) {
  const root = mkdtempSync(join(tmpdir(), 'showrunner-pipelines-'));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
    if (content.toString().startsWith('#!')) chmodSync(join(root, path), 0o755);
  }
  return { root, config: configFor(root), remove: () => rmSync(root, { recursive: true, force: true }) };
}

export function configFor(folder: string, more: Record<string, string> = {}): AppConfig {
  return readConfig({ DATA_DIR: join(tmpdir(), 'showrunner-no-data'), PIPELINES_DIR: folder, PATH: process.env['PATH'], ...more });
}
