import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createContext } from '../common/application';
import { AppConfig } from '../common/config/app-config';
import { DatabaseHealth } from '../common/database/database-health';
import { FactsRepository } from '../common/database/facts.repository';
import { DatabaseModule } from '../common/database/database.module';
import { StartupError } from '../common/errors';
import { openRoot } from '../common/files/directory-walk';
import { digestOfFile, newRecord, PARTS, readRecord, type BackupRecord } from './backup-record';
import { Catalogue } from './catalogue';
import { saveDatabase } from './database-backup.repository';
import { refuseToBackUpInto, treesOf } from './places';
import { TreeBackup, type TreeReport } from './tree-backup';
import { printList, verify } from './verify';
import { EXIT_USAGE } from '../common/exit-status';

const PRIVATE = 0o700;
const UNFINISHED = '.part';
/** Pictures that are made of results when somebody looks. */
const VIEWS = Buffer.from('views');

/** `node dist/backup`. @returns the exit status. @throws StartupError with the line to print. */
export async function backupCommand(words: readonly string[]): Promise<number> {
  const [first, ...more] = words;
  if (first === '--verify' && more.length === 1) return verify(resolve(more[0]));
  if (first === undefined || first.startsWith('-') || more.length > 0) {
    throw new StartupError('backup needs one folder. "node dist/backup --help" explains it.', EXIT_USAGE);
  }
  const context = await createContext(DatabaseModule, 'backup', 'warn');
  try {
    await context.get(DatabaseHealth).assertMigrated();
    const status = await backUp(context.get(AppConfig), resolve(first));
    await context.get(FactsRepository).markDone('backed_up');
    return status;
  } finally {
    await context.close();
  }
}

/** Makes a backup in a new folder of `folder`, and says what is in it. @returns the exit status. @throws StartupError */
export async function backUp(config: AppConfig, folder: string): Promise<number> {
  refuseToBackUpInto(folder, config);
  await mkdir(folder, { recursive: true, mode: PRIVATE });
  const madeAt = new Date();
  const name = madeAt
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '-');
  const unfinished = join(folder, `${name}${UNFINISHED}`);
  // Not recursive: two backups of one second are one too many.
  await mkdir(unfinished, { mode: PRIVATE });
  try {
    const database = await saveDatabase(config, join(unfinished, PARTS.database));
    const report = await saveTrees(config, unfinished, await latestIn(folder));
    const record = newRecord({
      madeAt: madeAt.toISOString(),
      database: { kind: config.database.kind, rows: database.rows, sha256: await digestOfFile(join(unfinished, PARTS.database)) },
      catalogueSha256: await digestOfFile(join(unfinished, PARTS.catalogue)),
      files: report.files,
      bytes: report.bytes,
      underWay: database.underWay,
    });
    await writeDurably(join(unfinished, PARTS.record), `${JSON.stringify(record, null, 2)}\n`);
    await rename(unfinished, join(folder, name));
    return tell(join(folder, name), record, report);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
}

/** The last whole backup there; null for none. */
async function latestIn(folder: string): Promise<string | null> {
  const names = (await readdir(folder)).filter((name) => /^\d{4}-\d\d-\d\dT[\d-]+Z$/.test(name)).sort();
  for (const name of names.reverse()) {
    const path = join(folder, name);
    if (await stat(join(path, PARTS.record)).catch(() => null)) return path;
  }
  return null;
}

async function saveTrees(config: AppConfig, folder: string, latest: string | null): Promise<TreeReport> {
  const catalogue = Catalogue.create(join(folder, PARTS.catalogue));
  const before = latest === null ? null : await openPrevious(latest);
  const all: TreeReport = { files: 0, bytes: 0, linked: 0, unreadable: [] };
  try {
    for (const [name, root] of treesOf(config)) {
      await mkdir(join(folder, name), { mode: PRIVATE });
      const isLeftOut = (path: readonly Buffer[]) => name === PARTS.runs && path.length === 2 && path[1].equals(VIEWS);
      const earlier = before && (await openFolder(join(before.path, name)));
      const target = await openRoot(join(folder, name));
      const tree = new TreeBackup(catalogue, before && { ...before, folder: earlier }, isLeftOut);
      await tree.save(root, target, Buffer.from(name)).finally(() => Promise.all([target.close(), earlier?.close()]));
      for (const figure of ['files', 'bytes', 'linked'] as const) all[figure] += tree.report[figure];
      all.unreadable.push(...tree.report.unreadable);
    }
  } finally {
    before?.catalogue.close();
    catalogue.close();
  }
  return all;
}

async function openPrevious(path: string) {
  const record = await readRecord(path);
  return { path, catalogue: Catalogue.read(join(path, PARTS.catalogue)), madeMs: Date.parse(record.madeAt) };
}

function openFolder(path: string): Promise<FileHandle | null> {
  return openRoot(path).catch(() => null);
}

async function writeDurably(path: string, content: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  await file.writeFile(content);
  await file.sync();
  await file.close();
}

function tell(path: string, record: BackupRecord, report: TreeReport): number {
  const runs = record.database.rows['queue'] ?? 0;
  const saved = `${report.files} files (${report.bytes} bytes, ${report.linked} files as in the backup before)`;
  process.stdout.write(`Saved ${runs} runs, ${record.underWay.length} of them under way, and ${saved} in ${path}.\n`);
  if (report.unreadable.length === 0) return 0;
  printList(`${report.unreadable.length} could not be read and are missing in the backup:`, report.unreadable);
  return 1;
}
