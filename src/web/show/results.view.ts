import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { DomainError } from '../../common/errors';
import type { SafeDirectory } from '../../common/files/safe-directory';
import type { Manifest } from '../../common/pipelines/manifest';
import { hasLayerColumns } from '../images/layer-list';
import { chooseResults, type ShownResult } from './result-choice';
import { elementKey } from './element-key';
import { readFigures, type FiguresView } from './figures';
import type { Growth } from './growth';
import { pageView, plotView, titledFile, viewerTitle, type PageView, type PlotView, type TitledFile } from './opened-results';
import { previewJson } from './json-preview';
import { isReadyFile, pictureView, type PictureView } from './picture-view';
import { previewText, readTable, type CountedTable, type TextPreview } from './result-preview';
import type { ResultFile, ResultTree } from './result-tree';
import { filesOfView, resolveViews, type ResolvedView, versionOfView } from './run-views';

export type TableView = TitledFile &
  CountedTable & {
    kind: 'table';
    wide: boolean;
    /** Whether its rows are layers of an image. */
    isLayers: boolean;
  };
export type TextView = TitledFile & TextPreview & { kind: 'text' };
type Rules = Pick<Manifest, 'outputs'> & { views: NonNullable<Manifest['views']> };
type PaperView = TableView | TextView | PageView | PlotView;

export interface FileView {
  /** Of its row. */
  id: string;
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
  /** Of its element. */
  id: string;
  title: string;
  caption: string;
  /** Its place in the manifest, and what its `{*}` stands for; '' for none. */
  index: number;
  of: string;
  /** Whether files that the run read are among its layers. */
  hasInputs: boolean;
  /** False while one of its files is being written. */
  isReady: boolean;
  /** Changes with its files. */
  version: number;
}

/** What stands under one heading. */
export interface ResultGroup {
  /** Of its element. */
  id: string;
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
  /** What came out in a few numbers, above all else. */
  figures: FiguresView[];
  groups: ResultGroup[];
  files: FileView[];
  bytes: number;
  complete: boolean;
  passedOver: number;
  /** Pictures, tables and texts that are only listed, because the page shows so many already. */
  unshown: number;
}

const MOST_PICTURES = 40;
const MOST_FIGURES = 4;
const MOST_PAPERS = 6;
const MOST_PLOTS = 6;
const MOST_PAGES = 40;
/** Under each heading; each is drawn of several large files. */
const MOST_LAYERED = 6;
/** Of one view are looked at before it is shown. */
const MOST_LAYER_FILES = 20;

/** Builds what a page shows of the files that a run has left. Reads a bounded part of each. */
@Injectable()
export class ResultsViewer {
  private readonly logger = new Logger(ResultsViewer.name);

  constructor(private readonly config: AppConfig) {}

  /**
   * @param rules outputs and views of the manifest as it was when the run was asked for.
   * @param growth what was seen of the files of a run that still writes; null for one that is over.
   */
  async view(results: SafeDirectory, tree: ResultTree, rules: Rules, growth: Growth | null): Promise<ResultsView> {
    const shown = chooseResults(tree.files, rules.outputs);
    const pictures = shown.filter((result) => result.kind === 'image').slice(0, MOST_PICTURES);
    const papers = shown.filter((result) => result.kind === 'table' || result.kind === 'text').slice(0, MOST_PAPERS);
    // A plot is drawn once, of a file that is there: its page does not wait for it.
    const drawable = (result: ShownResult) => result.kind === 'plot' && (growth?.rests(result.file) ?? true);
    const plots = shown.filter(drawable).slice(0, MOST_PLOTS);
    const pages = shown.filter((result) => result.kind === 'page').slice(0, MOST_PAGES);
    const seen = await Promise.all(pictures.map((picture) => pictureView(results, picture, growth)));
    const read = await Promise.all(papers.map((paper) => this.paperView(results, paper, growth !== null)));
    const summaries = shown.filter((result) => result.kind === 'figures').slice(0, MOST_FIGURES);
    const figures = await Promise.all(summaries.map((summary) => this.figures(results, summary)));
    const opened = [...plots.map(plotView), ...pages.map(pageView)];
    const views = new Map([
      ...zip<ShownResult, View | null>(pictures, seen),
      ...zip<ShownResult, View | null>([...plots, ...pages], opened),
      ...zip<ShownResult, View | null>(papers, read),
      // They stand above all headings.
      ...summaries.map((summary): [ShownResult, null] => [summary, null]),
    ]);
    const layered = await this.layeredViews(results, resolveViews(rules.views, tree.files), tree, growth);
    return {
      figures: figures.filter((one) => one !== null),
      groups: groupsOf(shown, views, layered, growth === null),
      files: tree.files.map(fileView),
      bytes: tree.bytes,
      complete: tree.complete,
      passedOver: tree.passedOver,
      unshown: shown.length - views.size,
    };
  }

  /** Of those that are only named the files do not matter. */
  private layeredViews(
    results: SafeDirectory,
    views: readonly ResolvedView[],
    { files }: ResultTree,
    growth: Growth | null,
  ): Promise<Placed[]> {
    const named = new Map<string | null, number>();
    return Promise.all(
      views.map(async (view) => {
        const group = view.rule.group ?? null;
        const place = named.get(group) ?? 0;
        named.set(group, place + 1);
        const used = place < MOST_LAYERED ? filesOfView(view, files) : [];
        const ready = growth && (await Promise.all(used.slice(0, MOST_LAYER_FILES).map((file) => isReadyFile(results, file, growth))));
        return { ...layeredView(view, used), isReady: ready?.every(Boolean) ?? true, group };
      }),
    );
  }

  private async figures(results: SafeDirectory, summary: ShownResult): Promise<FiguresView | null> {
    try {
      return await readFigures(results, summary);
    } catch (error) {
      if (!(error instanceof DomainError)) this.logger.warn(`Cannot read figures: ${String(error)}`);
      return null;
    }
  }

  /** Null for what is no text after all, or has gone meanwhile: the list of files still has it. */
  private async paperView(results: SafeDirectory, paper: ShownResult, grows: boolean): Promise<TableView | TextView | null> {
    const common = { ...titledFile(paper, 'paper'), opens: viewerTitle(paper.open, this.config.settings) };
    try {
      if (paper.kind === 'text') {
        const text = await (isJson(paper) ? previewJson(results, paper) : previewText(results, paper, grows));
        return text && { kind: 'text', ...common, ...text };
      }
      const table = await readTable(results, paper, grows);
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
/** With the heading under which it stands. */
type Placed = LayeredView & { group: string | null };

/**
 * In the order in which the pipeline first names each heading; what no rule names comes last.
 * @param hasLead whether the first picture of all is shown large: while more pictures come, another one would be the first.
 */
function groupsOf(
  shown: readonly ShownResult[],
  views: ReadonlyMap<ShownResult, View | null>,
  layered: readonly Placed[],
  hasLead: boolean,
): ResultGroup[] {
  const ofViews = layered.map(({ group }) => group);
  const named = [...new Set([...ofViews, ...shown.filter((result) => views.get(result)).map(({ group }) => group)])];
  const rank = (group: string | null) => (group === null ? 0 : group === '' ? 2 : 1);
  const titles = named.sort((one, other) => rank(one) - rank(other));
  let lead: PictureView | null = null;
  let hasLayered = false;
  return titles.map((title) => {
    const here = layered.filter(({ group }) => group === title);
    hasLayered ||= here.length > 0;
    const inside = shown.filter(({ group }) => group === title).flatMap((result) => views.get(result) ?? []);
    const pictures = inside.filter((view) => view.kind === 'image');
    // What is damaged is not worth the best place.
    const first = pictures.find(({ isDamaged }) => !isDamaged) ?? null;
    const isFirst = hasLead && lead === null && first !== null && !hasLayered;
    if (isFirst) lead = first;
    return {
      id: `group-${elementKey(title ?? '')}`,
      title,
      layered: here.slice(0, MOST_LAYERED),
      moreLayered: here.slice(MOST_LAYERED),
      lead: isFirst ? first : null,
      gallery: isFirst ? pictures.filter((picture) => picture !== first) : pictures,
      papers: inside.filter((view) => view.kind !== 'image'),
    };
  });
}

function layeredView({ rule, index, of, title }: ResolvedView, files: readonly ResultFile[]): Omit<LayeredView, 'isReady'> {
  const id = `view-${index}-${elementKey(of ?? '')}`;
  const hasInputs = rule.layers.some(({ parameter }) => parameter !== undefined);
  return { id, title, caption: rule.caption ?? '', index, of: of ?? '', hasInputs, version: versionOfView(files) };
}

function zip<Left, Right>(left: readonly Left[], right: readonly Right[]): [Left, Right][] {
  return left.map((one, index) => [one, right[index]]);
}

function isJson({ file, ruled }: ShownResult): boolean {
  return ruled === 'json' || (ruled !== 'text' && /\.(?:geo)?json$/i.test(file.shown));
}

function fileView({ shown, address, size, mtimeMs, type }: ResultFile): FileView {
  return {
    id: `file-${elementKey(address)}`,
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
