import type { WorkFolderRules } from './argument-file';

/** Paths of all files that the runner writes into the working folder. */
export function writtenPaths({ files = [], runId }: WorkFolderRules): string[] {
  return [...files.map(({ path }) => path), ...(runId && 'file' in runId ? [runId.file] : [])];
}

/** Whether anything is to be done in the working folder before a program starts. */
export function isFilled({ files = [], stage = [], runId, before }: WorkFolderRules): boolean {
  return files.length > 0 || stage.length > 0 || runId !== undefined || before !== undefined;
}

/** Paths of what goes when the run is over, whatever became of it. */
export function temporaryPaths({ files = [], runId }: WorkFolderRules): string[] {
  return writtenPaths({ files: files.filter(({ keep }) => !keep), ...(runId && { runId }) });
}

/** Folders in which links to inputs lie, as they stand in a manifest. */
export function linkFolders({ stage = [] }: WorkFolderRules): string[] {
  return [...new Set(stage.filter((one) => one.kind === 'files' && one.as === 'link').map(({ to }) => to))];
}
