import { join } from 'node:path';
import type { FileHandle } from 'node:fs/promises';
import { openRoot } from '../common/files/directory-walk';
import { checkParts, PARTS, readRecord } from './backup-record';
import { Catalogue } from './catalogue';
import { namesOf, TreeCheck } from './tree-check';

const MOST_NAMED = 20;

/** `node dist/backup --verify`: needs no database and no settings. @returns the exit status. @throws StartupError */
export async function verify(folder: string): Promise<number> {
  const record = await readRecord(folder);
  await checkParts(folder, record);
  const damaged: string[] = [];
  for (const name of [PARTS.files, PARTS.runs]) damaged.push(...(await checkTree(folder, name, null)));
  if (damaged.length === 0) process.stdout.write(`${folder} is whole: ${record.files} files, ${record.bytes} bytes.\n`);
  else printList(`${damaged.length} damaged or missing in ${folder}:`, damaged);
  return damaged.length === 0 ? 0 : 1;
}

/**
 * Looks at all of one tree of a backup.
 * @param target an open folder to which it is copied; null: it is only read.
 * @returns what is damaged or missing, for people; it is not copied.
 */
export async function checkTree(folder: string, name: string, target: FileHandle | null): Promise<string[]> {
  const catalogue = Catalogue.read(join(folder, PARTS.catalogue));
  const root = await openRoot(join(folder, name));
  const check = new TreeCheck(root, target);
  try {
    for (const entry of catalogue.entriesOf(Buffer.from(name))) await check.look(entry, namesOf(entry.path).slice(1));
    return check.damaged;
  } finally {
    await check.close();
    await root.close();
    catalogue.close();
  }
}

/** The first of them: a broken disk may have thousands. */
export function printList(heading: string, lines: readonly string[]): void {
  const more = lines.length > MOST_NAMED ? [`… and ${lines.length - MOST_NAMED} more`] : [];
  process.stderr.write(`${[heading, ...lines.slice(0, MOST_NAMED).map((line) => `  ${line}`), ...more].join('\n')}\n`);
}
