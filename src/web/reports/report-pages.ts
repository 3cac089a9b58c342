import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { AppConfig } from '../../common/config/app-config';
import { NotFoundError } from '../../common/errors';
import { formatEntryPath, type EntryPath } from '../../common/files/entry-name';
import { fillViewerAddress } from '../../common/pipelines/viewer-address';
import type { Project } from '../../common/projects/project.entity';
import type { Run } from '../../common/queue/run.entity';
import type { User } from '../../common/users/user.entity';
import { isPdf, isPlot } from '../show/file-type';
import { projectWay } from '../show/project-way';
import { address } from '../views/helpers';
import type { Grant } from '../http/access/policy';
import { Capabilities } from './capabilities';
import type { RunViewer } from './capability-readers';
import { CONTENT, contentRoot, policySource, publicRoot, SHARED } from './content-address';
import { isHtml } from './content-type';
import { readPlotFacts, type PlotFacts } from './plot-facts';
import { RunFiles, type RunFile } from './run-files';

type FileFacts = Omit<RunFile, 'path' | 'results' | 'rule'> & {
  /** Whether the reader came by a link, and knows nothing else of us. */
  isShared: boolean;
  /** Of the run, and where its page is for this reader; null when it was deleted. */
  project: { name: string; href: string | null } | null;
};

/** What `views/reports/report.hbs` shows. */
export interface ReportView extends FileFacts {
  pageClass: string;
  isSite: boolean;
  /** Where the frame finds the page; null for a document, which the browser's own viewer shows. */
  frame: string | null;
  /** Where a document is; null for a page. */
  pdf: string | null;
}

/** What `views/reports/plot.hbs` shows. */
export interface PlotPage extends FileFacts, PlotFacts {
  id: string;
}

/** Pages of ours around what pipelines wrote: their pages, documents and plots, and the ways to viewers elsewhere. */
@Injectable()
export class ReportPages {
  constructor(
    private readonly config: AppConfig,
    private readonly files: RunFiles,
    private readonly capabilities: Capabilities,
  ) {}

  /** @returns the page, and what its frame may show, for a content policy. */
  async report(run: Run, viewer: RunViewer, path: EntryPath, request: Request): Promise<{ view: ReportView; frames: string | null }> {
    const { path: _path, results: _results, rule, ...file } = await this.files.find(run, path);
    const isSite = rule?.kind === 'site';
    const common = { ...file, isSite, pageClass: 'page-report', ...readerOf(request.project ?? null, viewer.grant) };
    if (isPdf(file.name))
      return { view: { ...common, frame: null, pdf: address('/runs', [run.id, 'documents', file.address]) }, frames: null };
    if (!isHtml(file.name)) throw new NotFoundError('reports.noPage', { name: file.name });
    const token = await this.capabilities.seal(isSite ? 'site' : 'report', run, viewer, path.slice(0, -1));
    const base = `${contentRoot(this.config, request)}/${CONTENT}/${token}`;
    const frame = `${base}${address('', [formatEntryPath(path.slice(-1))])}`;
    return { view: { ...common, frame, pdf: null }, frames: policySource(`${base}/`) };
  }

  async plot(run: Run, project: Project | null, grant: Grant | null, path: EntryPath): Promise<PlotPage> {
    const { results, rule, ...file } = await this.files.find(run, path);
    if (rule?.kind !== 'plot' && !isPlot(file.name)) throw new NotFoundError('reports.noPlot', { name: file.name });
    const { path: _path, ...facts } = file;
    return { ...facts, ...(await readPlotFacts(results, path)), id: 'plot', ...readerOf(project, grant) };
  }

  /** Where a viewer elsewhere shows a file, which it may read by a link from now on. */
  async viewer(run: Run, person: User, path: EntryPath, request: Request): Promise<string> {
    const { rule, name, address: written } = await this.files.find(run, path);
    const template = rule?.open === 'ellviewer' ? this.config.settings.ELLVIEWER_URL : rule?.open?.url;
    if (template === undefined) throw new NotFoundError('reports.noViewer', { name });
    const token = await this.capabilities.seal('shared', run, { person, grant: null }, path.slice(0, -1));
    const file = address('', [written.split('/').at(-1)]);
    return fillViewerAddress(template, { url: `${publicRoot(this.config, request)}/${SHARED}/${token}${file}`, name });
  }
}

function readerOf(project: Project | null, grant: Grant | null): Pick<FileFacts, 'isShared' | 'project'> {
  return { isShared: grant !== null, project: project && { name: project.name, href: projectWay(project, grant) } };
}
