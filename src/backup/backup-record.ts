import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { StartupError } from '../common/errors';
import { EXIT_DATA } from '../common/exit-status';

/** Names of what lies in the folder of a backup. */
export const PARTS = {
  record: 'backup.json',
  database: 'database.sqlite',
  catalogue: 'catalogue.sqlite',
  files: 'files',
  runs: 'runs',
} as const;

const FORMAT = 1;
const sha256 = z.string().regex(/^[\da-f]{64}$/);
const count = z.number().int().min(0);

const SCHEMA = z.object({
  /** Of this layout. */
  format: z.literal(FORMAT),
  /** ISO 8601, UTC: when the database was read. */
  madeAt: z.iso.datetime(),
  database: z.object({
    kind: z.enum(['sqlite', 'mariadb']),
    /** Rows by table. */
    rows: z.record(z.string(), count),
    sha256,
  }),
  catalogueSha256: sha256,
  files: count,
  bytes: count,
  /** Numbers of the runs that were not over. */
  underWay: z.array(count),
});

/** `backup.json`: written last, so that a folder without it is no backup. */
export type BackupRecord = z.output<typeof SCHEMA>;

export function newRecord(record: Omit<BackupRecord, 'format'>): BackupRecord {
  return { format: FORMAT, ...record };
}

/** @throws StartupError when the folder holds no backup that this version knows. */
export async function readRecord(folder: string): Promise<BackupRecord> {
  try {
    return SCHEMA.parse(JSON.parse(await readFile(join(folder, PARTS.record), 'utf8')));
  } catch {
    throw new StartupError(`${folder} is no whole backup: it has no ${PARTS.record} that this version can read.`, EXIT_DATA);
  }
}

export async function digestOfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/**
 * Database and catalogue are what they were; files are looked at one by one.
 * @throws StartupError that says what is damaged.
 */
export async function checkParts(folder: string, record: BackupRecord): Promise<void> {
  const wanted = { [PARTS.database]: record.database.sha256, [PARTS.catalogue]: record.catalogueSha256 };
  for (const [name, digest] of Object.entries(wanted)) {
    const found = await digestOfFile(join(folder, name)).catch(() => 'missing');
    if (found !== digest) throw new StartupError(`${join(folder, name)} is damaged or missing. Take another backup.`, 1);
  }
}
