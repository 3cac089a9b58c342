import type { FileTask } from '../../../common/file-tasks/file-task.entity';

/** Where the contents go: into a new folder, or beside the archive. */
export type ExtractInto = 'folder' | 'here';

/** What a task of the kind `extract` is about; paths are addresses in the project. */
export interface ExtractBrief {
  archive: string;
  /** The folder that the contents, or the new folder, are put into. */
  target: string;
  into: ExtractInto;
  /** Name of the new folder. */
  name: string;
}

export interface ExtractProgramBrief {
  /** Address of the folder below which everything will lie, for checks of length and depth. */
  above: string;
}

export interface ExtractResult {
  files: number;
  /** Entries that were left out. */
  litter: number;
}

/** The folder in the staging folder of the task that becomes, or holds, what is put in place. */
export const TREE = Buffer.from('tree');

export function briefOf(task: Pick<FileTask, 'brief'>): ExtractBrief {
  return task.brief as ExtractBrief;
}
