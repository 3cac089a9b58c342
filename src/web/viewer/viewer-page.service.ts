import { Injectable } from '@nestjs/common';
import { NotFoundError } from '../../common/errors';
import { formatEntryPath, parseEntryPath, showEntryName, type EntryPath } from '../../common/files/entry-name';
import type { Manifest } from '../../common/pipelines/manifest';
import { storedInReadersWords } from '../../common/pipelines/pipeline-words';
import { fillPlace, type ViewRule } from '../../common/pipelines/views/view-rules';
import type { Project } from '../../common/projects/project.entity';
import type { Grant } from '../http/access/policy';
import type { Run } from '../../common/queue/run.entity';
import { RunsRepository } from '../../common/queue/runs.repository';
import { text } from '../../locales/text';
import { fileTypeOf } from '../show/file-type';
import { projectWay } from '../show/project-way';
import { chooseResults, ruleOf, titleOfFile } from '../show/result-choice';
import type { ResultFile } from '../show/result-tree';
import { RunResults } from '../show/run-results';
import { isWholePicture } from '../show/whole-picture';
import { resolveViews, type ResolvedView } from '../show/run-views';
import { address } from '../views/helpers';
import { ImageSources } from './image-sources';
import type { Shelf, SourceAddress } from './shelf';
import { ALONE, PicturesAround, resultsAround, viewsAround, type PicturesAroundOne } from './pictures-around';
import { viewerWords } from './viewer-words';
import { ViewLayers, type LayeredImage } from './view-layers';

/** What `views/viewer/viewer.hbs` shows. */
export interface ViewerView extends FoundView {
  title: string;
  pageClass: string;
  /** The way up, the uppermost first; without an address for those who may not open it. */
  /** Those that are short are never cut off. */
  crumbs: { name: string; href: string | null; isShort?: true }[];
  /** Address of the run, or of the project, below the base path. */
  base: string;
  /** Whether objects may have rows in a table. */
  hasTables: boolean;
  /** How long a link shows it to this visitor; null for others. */
  sharedUntilMs: number | null;
  /** The whole picture below `<base>/tiles`, for browsers without scripts. */
  picture: { path: string; view: string; of: string };
  /** Titles of layers that could not be shown. */
  missingNames: string;
  /** The pictures beside it, where it stands among others. */
  around: PicturesAroundOne;
  /** For the scripts of the page. */
  data: (LayeredImage & { words: Record<string, string> }) | null;
}

/** What is asked for: a file by its path, or a view of the manifest by its place there and what its `{*}` stands for. */
export type ViewQuery = { path: EntryPath } | { view: number; of: string | null };

export interface FoundView {
  heading: string;
  caption: string;
  /** Null when there is nothing to be shown. */
  image: LayeredImage | null;
  /** Address of the original below `<base>/files`; '' for a view of several. */
  original: string;
  /** Whether the one image that is shown ends before its end. */
  isDamaged: boolean;
  around?: PicturesAroundOne;
}

/** The page that shows images closely. */
@Injectable()
export class ViewerPage {
  constructor(
    private readonly results: RunResults,
    private readonly runs: RunsRepository,
    private readonly layers: ViewLayers,
    private readonly sources: ImageSources,
    private readonly pictures: PicturesAround,
  ) {}

  async show(run: Run, project: Project | null, query: ViewQuery, grant: Grant | null): Promise<ViewerView> {
    const found = await this.find(run, query, grant);
    const { base } = this.sources.shelf(run);
    const crumbs: ViewerView['crumbs'] = [
      { name: project?.name ?? text('show.projectGone'), href: projectWay(project, grant) },
      { name: text('show.runNumber', { number: run.id }), href: base, isShort: true },
      { name: found.heading, href: null },
    ];
    const title = text('viewer.title', { heading: found.heading, number: run.id });
    return { ...viewOf(found, grant), title, base, hasTables: true, crumbs: wayTo(crumbs, grant), picture: pictureAddress(query) };
  }

  async showFile(project: Project, shelf: Shelf, path: EntryPath, grant: Grant | null): Promise<ViewerView> {
    const source = { kind: 'files' as const, path: formatEntryPath(path) };
    const [found, around] = await Promise.all([this.findFile(shelf, source), this.pictures.inFolder(project, path, shelf.base)]);
    const name = showEntryName(path.at(-1)!);
    const crumbs: ViewerView['crumbs'] = [
      { name: project.name, href: projectWay(project, grant) },
      { name, href: grant ? null : address(shelf.base, ['view', source.path]) },
      ...(grant ? [] : [{ name: text('viewer.openAlone'), href: null, isShort: true as const }]),
    ];
    const picture = pictureAddress({ path });
    return {
      ...viewOf({ ...found, around }, grant),
      title: found.heading,
      base: shelf.base,
      hasTables: false,
      crumbs: wayTo(crumbs, grant),
      picture,
    };
  }

  /** @param grant who comes by a link to the run alone sees no file of the project. @throws NotFoundError when there is no such file or view. */
  async find(run: Run, query: ViewQuery, grant: Grant | null): Promise<FoundView> {
    if ('path' in query) return this.findResult(run, query.path);
    const { views, files, rules } = await this.viewsOf(run);
    const view = views.find(({ index, of }) => index === query.view && of === query.of);
    const rule = rules.at(query.view);
    if (!view && rule && query.view >= 0)
      throw new NotFoundError('viewer.viewGone', { name: fillPlace(rule.title, query.of), number: run.id });
    if (!view) throw new NotFoundError('errors.notFound');
    const image = await this.layers.ofView(run, view, { files, withInputs: grant === null || grant.runId === null });
    const pixelSize = await this.pixelSize(run, view.rule);
    return {
      heading: view.title,
      caption: view.rule.caption ?? '',
      image: image && { ...image, pixelSize: pixelSize ?? image.pixelSize },
      original: '',
      isDamaged: false,
      around: viewsAround(views, view, this.sources.shelf(run).base),
    };
  }

  private async findResult(run: Run, path: EntryPath): Promise<FoundView> {
    const shown = shownPath(path);
    const isList = fileTypeOf(shown).kind === 'table';
    const found = isList
      ? await this.findList(run, path)
      : await this.findFile(this.sources.shelf(run), { kind: 'results', path: formatEntryPath(path) });
    const details = await this.runs.details(run.id);
    const { outputs = [], views = [] } = storedInReadersWords((details?.manifest ?? {}) as Partial<Manifest>);
    const image = found.image && { ...found.image, pixelSize: await this.pixelSizeOf(run, views, shown, found.image.pixelSize) };
    const { files } = await this.results.tree(await this.results.of(run));
    const around = isList ? ALONE : resultsAround(chooseResults(files, outputs), formatEntryPath(path), this.sources.shelf(run).base);
    return { ...found, image, heading: titleOfFile(outputs, shown), caption: ruleOf(outputs, shown)?.caption ?? '', around };
  }

  /** Any image by itself. @throws NotFoundError for what is none. */
  async findFile(shelf: Shelf, source: Exclude<SourceAddress, { kind: 'inputs' }>): Promise<FoundView> {
    const name = shownPath(parseEntryPath(source.path));
    const { kind } = fileTypeOf(name);
    if (kind !== 'image' && kind !== 'scan') throw new NotFoundError('errors.notFound');
    // A path that leads nowhere is not found; an image that cannot be read has a page that says so.
    const { handle, size } = await shelf.open(source);
    const isDamaged = (await isWholePicture(handle, size).finally(() => handle.close())) === false;
    return { heading: name, caption: '', image: await this.layers.ofFile(shelf, source, name), original: source.path, isDamaged };
  }

  /** A table as EllViewer takes it: its rows are layers. */
  private async findList(run: Run, path: EntryPath): Promise<FoundView> {
    const original = formatEntryPath(path);
    const image = await this.layers.ofList(run, original);
    if (!image) throw new NotFoundError('errors.notFound');
    return { heading: shownPath(path), caption: '', image, original, isDamaged: false };
  }

  /** The views of the manifest, as it was when the run was asked for. */
  async viewsOf(run: Run): Promise<{ views: ResolvedView[]; files: ResultFile[]; rules: ViewRule[] }> {
    const details = await this.runs.details(run.id);
    const { views: rules = [] } = storedInReadersWords((details?.manifest ?? {}) as { views?: ViewRule[] });
    if (rules.length === 0) return { views: [], files: [], rules };
    const { files } = await this.results.tree(await this.results.of(run));
    return { views: resolveViews(rules, files), files, rules };
  }

  /** Of an image that a view has among its layers, as that view has it. @param own what the file itself says. */
  private async pixelSizeOf(run: Run, views: readonly ViewRule[], shown: string, own: number | null): Promise<number | null> {
    const view = views.find(({ layers }) => layers.some((layer) => 'glob' in layer && layer.glob === shown));
    return (view && (await this.pixelSize(run, view))) ?? own;
  }

  private async pixelSize(run: Run, { pixelSize }: ViewRule): Promise<number | null> {
    if (typeof pixelSize !== 'object') return pixelSize ?? null;
    const details = await this.runs.details(run.id);
    const size = Number(details?.parameters[pixelSize.parameter]);
    return size > 0 && Number.isFinite(size) ? size : null;
  }
}

function shownPath(path: EntryPath): string {
  return path.map(showEntryName).join('/');
}

function viewOf(found: FoundView, grant: Grant | null) {
  const { image } = found;
  return {
    ...found,
    around: found.around ?? ALONE,
    pageClass: 'page-viewer',
    sharedUntilMs: grant?.expiresMs ?? null,
    missingNames: image?.missing.join(', ') ?? '',
    data: image && { ...image, words: viewerWords() },
  };
}

function wayTo(crumbs: ViewerView['crumbs'], grant: Grant | null): ViewerView['crumbs'] {
  return grant ? crumbs : [{ name: text('common.projects'), href: '/projects', isShort: true }, ...crumbs];
}

function pictureAddress(query: ViewQuery): ViewerView['picture'] {
  if ('path' in query) return { path: `picture/${formatEntryPath(query.path)}`, view: '', of: '' };
  return { path: 'picture', view: String(query.view), of: query.of ?? '' };
}
