import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { DomainError } from '../../common/errors';
import type { SafeDirectory } from '../../common/files/safe-directory';
import type { Manifest } from '../../common/pipelines/manifest';
import { hasLayerColumns } from '../images/layer-list';
import { chooseResults, type ShownResult } from './result-choice';
import { pageView, plotView, titledFile, viewerTitle, type PageView, type PlotView, type TitledFile } from './opened-results';
import { previewJson } from './json-preview';
import { previewText, readTable, type CountedTable, type TextPreview } from './result-preview';
import { readResultTree, type ResultFile } from './result-tree';
import { resolveViews, type ResolvedView } from './run-views';

export interface PictureView {
  kind: 'image';
  title: string;
  caption: string;
  name: string;
  /** For addresses: below `/runs/<id>/files` or `/runs/<id>/views`. */
  address: string;
  /** True where a browser could not show the file itself, or not well. */
  rendered: boolean;
  labels: boolean;
  /** Changes with the file, so that a newer one is fetched. */
  version: number;
  bytes: number;
}

export type TableView = TitledFile &
  CountedTable & {
    kind: 'table';
    wide: boolean;
    /** Whether its rows are layers of an image. */
    isLayers: boolean;
  };
export type TextView = TitledFile & TextPreview & { kind: 'text' };
type PaperView = TableView | TextView | PageView | PlotView;

export interface FileView {
  name: string;
  address: string;
  bytes: number;
  mtimeMs: number;
  icon: string;
  /** Whether a browser may open it in place. */
  inline: boolean;
  /** Whether it has a page of rows and columns. */
  isTable: boolean;
  /** Whether the viewer of images opens it. */
  isImage: boolean;
}

/** Files laid over each other as the manifest says, in one picture that leads to the viewer. */
export interface LayeredView {
  title: string;
  caption: string;
  /** Its place in the manifest, and what its `{*}` stands for; '' for none. */
  index: number;
  of: string;
  /** Changes with the files. */
  version: number;
}

/** What stands under one heading. */
export interface ResultGroup {
  /** Null above all headings; '' for what no rule names. */
  title: string | null;
  /** Shown large, before all else. */
  layered: LayeredView[];
  /** Further ones, only named. */
  moreLayered: LayeredView[];
  /** The first picture of all, shown large; null where a layered view is that. */
  lead: PictureView | null;
  gallery: PictureView[];
  /** Plots, pages, tables and texts in the order of the pipeline's rules. */
  papers: PaperView[];
}

export interface ResultsView {
  groups: ResultGroup[];
  files: FileView[];
  bytes: number;
  complete: boolean;
  passedOver: number;
  /** Pictures, tables and texts that are only listed, because the page shows so many already. */
  unshown: number;
}

const MOST_PICTURES = 40;
const MOST_PAPERS = 6;
const MOST_PLOTS = 6;
const MOST_PAGES = 40;
/** Under each heading; each is drawn of several large files. */
const MOST_LAYERED = 6;
/** Above this a picture is scaled down for the page; the file itself is one click away. */
const LARGE_PICTURE_BYTES = 5_000_000;
const PNG_HEAD_BYTES = 26;

/** Builds what a page shows of the files that a run has left. Reads a bounded part of each. */
@Injectable()
export class ResultsViewer {
  private readonly logger = new Logger(ResultsViewer.name);

  constructor(private readonly config: AppConfig) {}

  /** @param rules,declared outputs and views of the manifest as it was when the run was asked for. */
  async view(results: SafeDirectory, rules: Manifest['outputs'], declared: Manifest['views'] = []): Promise<ResultsView> {
    const tree = await readResultTree(results);
    const shown = chooseResults(tree.files, rules);
    const layered = resolveViews(declared, tree.files);
    const pictures = shown.filter((result) => result.kind === 'image').slice(0, MOST_PICTURES);
    const papers = shown.filter((result) => result.kind === 'table' || result.kind === 'text').slice(0, MOST_PAPERS);
    const plots = shown.filter((result) => result.kind === 'plot').slice(0, MOST_PLOTS);
    const pages = shown.filter((result) => result.kind === 'page').slice(0, MOST_PAGES);
    const seen = await Promise.all(pictures.map((picture) => pictureView(results, picture)));
    const read = await Promise.all(papers.map((paper, index) => this.paperView(results, paper, `paper-${index + 1}`)));
    const opened = [...plots.map(plotView), ...pages.map(pageView)];
    const views = new Map([
      ...zip<ShownResult, View | null>(pictures, seen),
      ...zip<ShownResult, View | null>([...plots, ...pages], opened),
      ...zip<ShownResult, View | null>(papers, read),
    ]);
    return {
      groups: groupsOf(shown, views, layered),
      files: tree.files.map(fileView),
      bytes: tree.bytes,
      complete: tree.complete,
      passedOver: tree.passedOver,
      unshown: shown.length - views.size,
    };
  }

  /** Null for what is no text after all, or has gone meanwhile: the list of files still has it. */
  private async paperView(results: SafeDirectory, paper: ShownResult, id: string): Promise<TableView | TextView | null> {
    const common = { ...titledFile(paper, id), opens: viewerTitle(paper.open, this.config.settings) };
    try {
      if (paper.kind === 'text') {
        const text = await (isJson(paper) ? previewJson(results, paper) : previewText(results, paper));
        return text && { kind: 'text', ...common, ...text };
      }
      const table = await readTable(results, paper);
      if (!table) return null;
      const isLayers = table.hasHead && hasLayerColumns(table.columns.map(({ name }) => name));
      return { kind: 'table', ...common, ...table, wide: table.columnCount > table.columns.length, isLayers };
    } catch (error) {
      if (!(error instanceof DomainError)) this.logger.warn(`Cannot read a result: ${String(error)}`);
      return null;
    }
  }
}

type View = PictureView | PaperView;

/** In the order in which the pipeline first names each heading; what no rule names comes last. */
function groupsOf(
  shown: readonly ShownResult[],
  views: ReadonlyMap<ShownResult, View | null>,
  layered: readonly ResolvedView[],
): ResultGroup[] {
  const ofViews = layered.map(({ rule }) => rule.group ?? null);
  const named = [...new Set([...ofViews, ...shown.filter((result) => views.get(result)).map(({ group }) => group)])];
  const version = Math.max(0, ...shown.map(({ file }) => file.mtimeMs));
  const rank = (group: string | null) => (group === null ? 0 : group === '' ? 2 : 1);
  const titles = named.sort((one, other) => rank(one) - rank(other));
  let lead: PictureView | null = null;
  let hasLayered = false;
  return titles.map((title) => {
    const here = layered.filter(({ rule }) => (rule.group ?? null) === title).map((view) => layeredView(view, version));
    hasLayered ||= here.length > 0;
    const inside = shown.filter(({ group }) => group === title).flatMap((result) => views.get(result) ?? []);
    const pictures = inside.filter((view) => view.kind === 'image');
    const isFirst = lead === null && pictures.length > 0 && !hasLayered;
    if (isFirst) lead = pictures[0];
    return {
      title,
      layered: here.slice(0, MOST_LAYERED),
      moreLayered: here.slice(MOST_LAYERED),
      lead: isFirst ? pictures[0] : null,
      gallery: isFirst ? pictures.slice(1) : pictures,
      papers: inside.filter((view) => view.kind !== 'image'),
    };
  });
}

function layeredView({ rule, index, of, title }: ResolvedView, version: number): LayeredView {
  return { title, caption: rule.caption ?? '', index, of: of ?? '', version };
}

function zip<Left, Right>(left: readonly Left[], right: readonly Right[]): [Left, Right][] {
  return left.map((one, index) => [one, right[index]]);
}

async function pictureView(results: SafeDirectory, { file, title, caption, labels }: ShownResult): Promise<PictureView> {
  const rendered = labels || file.type.kind === 'scan' || file.size > LARGE_PICTURE_BYTES || (await isDeepPng(results, file));
  return {
    kind: 'image',
    title,
    caption,
    name: file.shown,
    address: file.address,
    rendered,
    labels,
    version: file.mtimeMs,
    bytes: file.size,
  };
}

function isJson({ file, ruled }: ShownResult): boolean {
  return ruled === 'json' || (ruled !== 'text' && /\.(?:geo)?json$/i.test(file.shown));
}

/** Browsers show the upper byte of 16 bits, which is black where an instrument wrote 12. */
async function isDeepPng(results: SafeDirectory, file: ResultFile): Promise<boolean> {
  if (file.type.inline !== 'image/png') return false;
  try {
    const { handle } = await results.openFile(file.path);
    const head = Buffer.alloc(PNG_HEAD_BYTES);
    await handle.read(head, 0, PNG_HEAD_BYTES, 0).finally(() => handle.close());
    return head[24] === 16;
  } catch {
    return false;
  }
}

function fileView({ shown, address, size, mtimeMs, type }: ResultFile): FileView {
  return {
    name: shown,
    address,
    bytes: size,
    mtimeMs,
    icon: type.icon,
    inline: type.inline !== null,
    isTable: type.kind === 'table',
    isImage: type.kind === 'image' || type.kind === 'scan',
  };
}
