import { z } from 'zod';
import { pageOf, pageQuery } from '../contract/paging';
import { says } from '../contract/words';

const MOST_AT_ONCE = 1000;
export const LONGEST_PATH = 8192;

const path = z.string().max(LONGEST_PATH);

export const entrySchema = z
  .object({
    name: says(z.string(), 'apiFiles.entryName'),
    path: says(z.string(), 'apiFiles.entryPath'),
    type: says(z.enum(['file', 'folder', 'link', 'other']), 'apiFiles.entryType'),
    size: says(z.number(), 'apiFiles.entrySize'),
    changedAt: z.iso.datetime(),
  })
  .meta({ id: 'Entry' });

export const filesQuery = pageQuery({
  path: says(path.default(''), 'apiFiles.folderPath'),
  name: says(z.string().max(200).default(''), 'apiFiles.entryNamed'),
  sort: says(z.enum(['name', 'size', 'date']).default('name'), 'apiFiles.sort'),
  descending: says(z.enum(['true', 'false']).default('false'), 'apiFiles.descending'),
});
export const filesSchema = pageOf(entrySchema).extend({
  total: says(z.number(), 'apiFiles.total'),
  isComplete: says(z.boolean(), 'apiFiles.isComplete'),
});

export const folderOrder = z.strictObject({ path: says(path.min(1), 'apiFiles.newFolder') });

export const somePaths = says(z.array(path.min(1)).min(1).max(MOST_AT_ONCE), 'apiFiles.paths');

export const deleteOrder = z.strictObject({ paths: somePaths });
export const deletedSchema = z
  .object({ deletion: says(z.string(), 'apiFiles.deletion'), count: says(z.number(), 'apiFiles.deletedCount') })
  .meta({ id: 'Deleted' });
export const restoreOrder = z.strictObject({ deletion: says(z.string().max(36), 'apiFiles.deletion') });
export const restoredSchema = z
  .object({ folder: says(z.string(), 'apiFiles.entryPath'), names: z.array(z.string()) })
  .meta({ id: 'Restored' });

export const moveOrder = z.strictObject({
  paths: somePaths,
  to: says(path, 'apiFiles.moveTo'),
  onConflict: says(z.enum(['keepBoth', 'skip']).optional(), 'apiFiles.onConflict'),
});
export const placedSchema = z
  .object({ placed: says(z.array(z.string()), 'apiFiles.placed'), leftOut: says(z.number(), 'apiFiles.leftOut') })
  .meta({ id: 'Placed' });
export const copyStartedSchema = z.object({ task: says(z.string(), 'apiFiles.copyTask') }).meta({ id: 'CopyStarted' });

export const renameOrder = z.strictObject({
  path: says(path.min(1), 'apiFiles.entryPath'),
  newName: says(z.string().max(1000), 'apiFiles.newName'),
});

export type EntryJson = z.infer<typeof entrySchema>;
