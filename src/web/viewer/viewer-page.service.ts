import { Injectable } from '@nestjs/common';
import { NotFoundError } from '../../common/errors';
import { formatEntryPath, showEntryName, type EntryPath } from '../../common/files/entry-name';
import type { ViewRule } from '../../common/pipelines/views/view-rules';
import type { Project } from '../../common/projects/project.entity';
import type { Grant } from '../http/access/policy';
import type { Run } from '../../common/queue/run.entity';
import { RunsRepository } from '../../common/queue/runs.repository';
import { text } from '../../locales/text';
import { fileTypeOf } from '../show/file-type';
import { projectWay } from '../show/project-way';
import { readResultTree, type ResultFile } from '../show/result-tree';
import { RunResults } from '../show/run-results';
import { resolveViews, type ResolvedView } from '../show/run-views';
import { viewerWords } from './viewer-words';
import { ViewLayers, type LayeredImage } from './view-layers';

/** What `views/viewer/viewer.hbs` shows. */
export interface ViewerView {
  title: string;
  pageClass: string;
  run: { id: number; pipelineTitle: string };
  project: { id: string; name: string } | null;
  /** Null for those who may not open it. */
  projectHref: string | null;
  /** How long a link shows it to this visitor; null for others. */
  sharedUntilMs: number | null;
  heading: string;
  caption: string;
  /** Null when there is nothing to be shown. */
  image: LayeredImage | null;
  /** The whole picture below `/runs/<id>/tiles`, for browsers without scripts. */
  picture: { path: string; view: string; of: string };
  /** Titles of layers that could not be shown. */
  missingNames: string;
  /** Address of the original below `/runs/<id>/files`; '' for a view of several. */
  original: string;
  /** For the scripts of the page. */
  data: (LayeredImage & { words: Record<string, string> }) | null;
}

/** What is asked for: a file by its path, or a view of the manifest by its place there and what its `{*}` stands for. */
export type ViewQuery = { path: EntryPath } | { view: number; of: string | null };

export interface FoundView {
  heading: string;
  caption: string;
  image: LayeredImage | null;
  original: string;
}

/** The page that shows images closely. */
@Injectable()
export class ViewerPage {
  constructor(
    private readonly results: RunResults,
    private readonly runs: RunsRepository,
    private readonly layers: ViewLayers,
  ) {}

  async show(run: Run, project: Project | null, query: ViewQuery, grant: Grant | null): Promise<ViewerView> {
    const found = await this.find(run, query, grant);
    const { image } = found;
    return {
      ...found,
      title: text('viewer.title', { heading: found.heading, number: run.id }),
      pageClass: 'page-viewer',
      run: { id: run.id, pipelineTitle: run.pipelineTitle },
      project: project && { id: project.id, name: project.name },
      projectHref: projectWay(project, grant),
      sharedUntilMs: grant?.expiresMs ?? null,
      picture: pictureAddress(query),
      missingNames: image?.missing.join(', ') ?? '',
      data: image && { ...image, words: viewerWords() },
    };
  }

  /** @param grant who comes by a link to the run alone sees no file of the project. @throws NotFoundError when there is no such file or view. */
  async find(run: Run, query: ViewQuery, grant: Grant | null): Promise<FoundView> {
    if ('path' in query) return this.findFile(run, query.path);
    const { views, files } = await this.viewsOf(run);
    const view = views.find(({ index, of }) => index === query.view && of === query.of);
    if (!view) throw new NotFoundError('errors.notFound');
    const image = await this.layers.ofView(run, view, { files, withInputs: grant === null || grant.runId === null });
    const pixelSize = await this.pixelSize(run, view.rule);
    return {
      heading: view.title,
      caption: view.rule.caption ?? '',
      image: image && { ...image, pixelSize: pixelSize ?? image.pixelSize },
      original: '',
    };
  }

  private async findFile(run: Run, path: EntryPath): Promise<FoundView> {
    const name = path.map(showEntryName).join('/');
    const { kind } = fileTypeOf(name);
    if (kind !== 'image' && kind !== 'scan') throw new NotFoundError('errors.notFound');
    const address = formatEntryPath(path);
    // A path that leads nowhere is not found; an image that cannot be read has a page that says so.
    await (await this.results.of(run)).openFile(path).then(({ handle }) => handle.close());
    return { heading: name, caption: '', image: await this.layers.ofFile(run, address, name), original: address };
  }

  /** The views of the manifest, as it was when the run was asked for. */
  async viewsOf(run: Run): Promise<{ views: ResolvedView[]; files: ResultFile[] }> {
    const details = await this.runs.details(run.id);
    const rules = (details?.manifest as { views?: ViewRule[] } | undefined)?.views ?? [];
    if (rules.length === 0) return { views: [], files: [] };
    const { files } = await readResultTree(await this.results.of(run));
    return { views: resolveViews(rules, files), files };
  }

  private async pixelSize(run: Run, { pixelSize }: ViewRule): Promise<number | null> {
    if (typeof pixelSize !== 'object') return pixelSize ?? null;
    const details = await this.runs.details(run.id);
    const size = Number(details?.parameters[pixelSize.parameter]);
    return size > 0 && Number.isFinite(size) ? size : null;
  }
}

function pictureAddress(query: ViewQuery): ViewerView['picture'] {
  if ('path' in query) return { path: `picture/${formatEntryPath(query.path)}`, view: '', of: '' };
  return { path: 'picture', view: String(query.view), of: query.of ?? '' };
}
