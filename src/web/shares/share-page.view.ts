import { Injectable } from '@nestjs/common';
import type { Project } from '../../common/projects/project.entity';
import type { Run } from '../../common/queue/run.entity';
import { SharesRepository } from '../../common/shares/shares.repository';
import { text } from '../../locales/text';
import { SHARE_DAYS } from './share-links';

/** What `views/shares/manage.hbs` shows. */
export interface SharePageView {
  title: string;
  project: { id: string; name: string };
  /** Null for the page of the whole project. */
  run: { id: number; title: string } | null;
  lead: string;
  /** Where the form goes, below the base path. */
  action: string;
  days: { value: number; isChosen: boolean }[];
  note: string;
  open: OpenLink[];
  /** The new link; null where none was made just now. */
  made: string | null;
}

interface OpenLink {
  id: string;
  runId: number | null;
  note: string;
  createdMs: number;
  openedMs: number | null;
  expiresMs: number;
}

const USUAL_DAYS = 30;

/** The page on which links to a run or a project are made and taken back. */
@Injectable()
export class SharePage {
  constructor(private readonly shares: SharesRepository) {}

  /** @param run null for the whole project, whose page lists the links to its runs as well. */
  async of(project: Project, run: Run | null, { made = null, note = '', days = '' }: Entered = {}): Promise<SharePageView> {
    const all = await this.shares.ofProject(project.id);
    return {
      title: run ? text('shares.titleOfRun', { number: run.id }) : text('shares.titleOfProject'),
      project: { id: project.id, name: project.name },
      run: run && { id: run.id, title: run.pipelineTitle },
      lead: text(run ? 'shares.leadOfRun' : 'shares.leadOfProject'),
      action: run ? `/runs/${run.id}/share` : `/projects/${project.id}/shares`,
      days: SHARE_DAYS.map((value) => ({ value, isChosen: days === '' ? value === USUAL_DAYS : String(value) === days })),
      note,
      open: all
        .filter(({ runId }) => !run || runId === run.id || runId === null)
        .map(({ id, runId, note: words, createdMs, openedMs, expiresMs }) => ({ id, runId, note: words, createdMs, openedMs, expiresMs })),
      made,
    };
  }
}

/** What was sent or made just now. */
interface Entered {
  made?: string | null;
  note?: string;
  days?: string;
}
