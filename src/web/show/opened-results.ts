import type { AppConfig } from '../../common/config/app-config';
import type { ForeignViewer } from '../../common/pipelines/manifest';
import { text } from '../../locales/text';
import { elementKey } from './element-key';
import { isPdf } from './file-type';
import type { ShownResult } from './result-choice';

export interface TitledFile {
  /** Part of the ids on the page. */
  id: string;
  title: string;
  caption: string;
  name: string;
  address: string;
  bytes: number;
  /** Words of the button that opens it in a viewer elsewhere; null for none. */
  opens?: string | null;
}

/** A page that is opened in a frame of a page of ours. */
export type PageView = TitledFile & { kind: 'page'; icon: string; isSite: boolean; isPdf: boolean };
/** A plot that a script of ours draws. */
export type PlotView = TitledFile & { kind: 'plot' };

const ICON_OF_SITES = 'world';

/** @param kind begins the id of the element, which stays the same while other results come. */
export function titledFile({ title, caption, file }: ShownResult, kind: string): TitledFile {
  return { id: `${kind}-${elementKey(file.address)}`, title, caption, name: file.shown, address: file.address, bytes: file.size };
}

export function pageView(page: ShownResult): PageView {
  const isSite = page.ruled === 'site';
  const icon = isSite ? ICON_OF_SITES : page.file.type.icon;
  return { kind: 'page', ...titledFile(page, 'page'), icon, isSite, isPdf: isPdf(page.file.shown) };
}

export function plotView(plot: ShownResult): PlotView {
  // What is drawn is left alone: another version of the file is another plot.
  return { kind: 'plot', ...titledFile(plot, `plot-${plot.file.mtimeMs}`) };
}

/** Words of the button for a viewer elsewhere; null where there is none, or nobody has said where it is. */
export function viewerTitle(viewer: ForeignViewer | null, { ELLVIEWER_URL }: Pick<AppConfig['settings'], 'ELLVIEWER_URL'>): string | null {
  if (viewer !== 'ellviewer') return viewer?.title ?? null;
  return ELLVIEWER_URL === undefined ? null : text('reports.ellviewer');
}
