import { Injectable } from '@nestjs/common';
import { DomainError, InvalidInputError } from '../../common/errors';
import { parseEntryPath } from '../../common/files/entry-name';
import type { Project } from '../../common/projects/project.entity';
import type { Run } from '../../common/queue/run.entity';
import type { User } from '../../common/users/user.entity';
import { text } from '../../locales/text';
import { shownPath } from '../show/run-outputs';
import { address } from '../views/helpers';
import type { LayeredImage } from '../viewer/view-layers';
import { ViewerPage, type ViewQuery } from '../viewer/viewer-page.service';
import { viewerWords } from '../viewer/viewer-words';
import { ComparedRuns } from './compared-runs';
import { runNumbersIn } from './join-query';

/** What is asked for. */
export interface LinkedAsk {
  runIds: number[];
  /** Address below the folder of results; '' for a view of the manifest. */
  file: string;
  view: string;
  of: string;
}

/** What `views/compare/viewer.hbs` shows. */
export interface LinkedViewersView {
  title: string;
  pageClass: string;
  heading: string;
  project: { id: string; name: string };
  back: string;
  panes: { runId: number; name: string; picture: string }[];
  /** The last step of the slider. */
  blendSteps: number;
  /** Numbers of runs whose image cannot be shown. */
  missing: number[];
  isCut: boolean;
  sizesDiffer: boolean;
  /** For the scripts of the page; null where there are fewer than two images. */
  data: (LayeredImage & { words: Record<string, string> })[] | null;
}

const MOST_PANES = 4;
const MOST_TEXT = 4000;

export function linkedAskOf(query: Record<string, unknown>): LinkedAsk {
  const word = (name: string): string => (typeof query[name] === 'string' ? query[name].slice(0, MOST_TEXT) : '');
  return { runIds: runNumbersIn(word('runs').split(',')), file: word('file'), view: word('view'), of: word('of') };
}

/** The same image of several runs, in viewers that are moved together. */
@Injectable()
export class LinkedViewersPage {
  constructor(
    private readonly runs: ComparedRuns,
    private readonly page: ViewerPage,
  ) {}

  /** @throws InvalidInputError where no image is named, NotFoundError where there are not two runs. */
  async show(person: User, project: Project, ask: LinkedAsk): Promise<LinkedViewersView> {
    const { all } = await this.runs.pair(person, ask.runIds, []);
    const query = queryOf(ask);
    const found = await Promise.all(all.slice(0, MOST_PANES).map((run) => this.find(run, query)));
    const shown = found.flatMap(({ run, image, heading }) => (image ? [{ run, image, heading }] : []));
    const heading = shown[0]?.heading ?? ('path' in query ? shownPath(query.path) : text('compare.picturesHeading'));
    const [first] = shown;
    return {
      title: text('compare.viewerTitle', { name: heading }),
      pageClass: 'page-viewer',
      heading,
      project: { id: project.id, name: project.name },
      back: `${address('/projects', [project.id, 'compare'])}?${all.map(({ id }) => `run=${id}`).join('&')}`,
      panes: shown.map(({ run }) => paneOf(run, heading, ask)),
      blendSteps: shown.length - 1,
      missing: found.flatMap(({ run, image }) => (image ? [] : run.id)),
      isCut: all.length > MOST_PANES,
      sizesDiffer: shown.some(({ image }) => image.width !== first.image.width || image.height !== first.image.height),
      data: shown.length < 2 ? null : shown.map(({ image }) => ({ ...image, words: viewerWords() })),
    };
  }

  /** Null where a run has no such image, or none that can be shown. */
  private async find(run: Run, query: ViewQuery): Promise<{ run: Run; image: LayeredImage | null; heading: string }> {
    try {
      const { image, heading } = await this.page.find(run, query, null);
      return { run, image, heading };
    } catch (error) {
      if (error instanceof DomainError) return { run, image: null, heading: '' };
      throw error;
    }
  }
}

function queryOf({ file, view, of }: LinkedAsk): ViewQuery {
  if (file === '') {
    if (!/^\d{1,3}$/.test(view)) throw new InvalidInputError('files.badPath');
    return { view: Number(view), of: of === '' ? null : of };
  }
  const path = parseEntryPath(file);
  if (path.length === 0) throw new InvalidInputError('files.badPath');
  return { path };
}

function paneOf({ id }: Run, name: string, { file, view, of }: LinkedAsk): LinkedViewersView['panes'][number] {
  const picture =
    file === '' ? address('/runs', [id, 'tiles', 'picture'], { view, of: of || null }) : address('/runs', [id, 'tiles', 'picture', file]);
  return { runId: id, name: text('compare.paneOf', { name, number: id }), picture };
}
