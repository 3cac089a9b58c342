import { compileGlob } from '../../common/pipelines/output-glob';
import { fillPlace, PLACE, starOf, type ViewRule } from '../../common/pipelines/views/view-rules';
import type { ResultFile } from './result-tree';

/** One view of a run, its `{*}` filled in. */
export interface ResolvedView {
  rule: ViewRule;
  /** Place in the manifest. */
  index: number;
  /** What `{*}` stands for; null where the view is one. */
  of: string | null;
  title: string;
}

/** The views of a manifest for the results that are there: one for each that `each` matches. */
export function resolveViews(views: readonly ViewRule[], files: readonly Pick<ResultFile, 'shown'>[]): ResolvedView[] {
  return views.flatMap((rule, index) =>
    rule.each === undefined ? oneView(rule, index, files) : viewsOfEach(rule, rule.each, index, files),
  );
}

/** The results that a view lays over each other, and the lists that name some. */
export function filesOfView<File extends Pick<ResultFile, 'shown'>>({ rule, of }: ResolvedView, files: readonly File[]): File[] {
  const globs = rule.layers
    .flatMap(({ glob, list }) => glob ?? list ?? [])
    .map((glob) => compileGlob(of === null ? glob : fillPlace(glob, of)));
  return files.filter(({ shown }) => globs.some((matches) => matches(shown)));
}

/** Time of its latest file, in ms: what is drawn of it is drawn anew when that changes. */
export function versionOfView(files: readonly Pick<ResultFile, 'mtimeMs'>[]): number {
  return files.reduce((latest, { mtimeMs }) => Math.max(latest, mtimeMs), 0);
}

function oneView(rule: ViewRule, index: number, files: readonly Pick<ResultFile, 'shown'>[]): ResolvedView[] {
  const globs = rule.layers.map(({ glob, list }) => glob ?? list).filter((glob) => glob !== undefined);
  const isThere = globs.some((glob) => isAmong(files, compileGlob(glob)));
  return isThere ? [{ rule, index, of: null, title: rule.title }] : [];
}

function isAmong(files: readonly Pick<ResultFile, 'shown'>[], matches: (name: string) => boolean): boolean {
  return files.some(({ shown }) => matches(shown));
}

function viewsOfEach(rule: ViewRule, each: string, index: number, files: readonly Pick<ResultFile, 'shown'>[]): ResolvedView[] {
  const star = starOf(each);
  const found = [...new Set(files.map(({ shown }) => star(shown)).filter((one) => one !== null))];
  return found.map((of) => ({ rule, index, of, title: rule.title.includes(PLACE) ? fillPlace(rule.title, of) : `${rule.title}: ${of}` }));
}
