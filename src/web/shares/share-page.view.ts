import { Injectable } from '@nestjs/common';
import { GroupsRepository } from '../../common/groups/groups.repository';
import type { ProjectRole } from '../../common/members/project-member.entity';
import { ProjectMembersRepository } from '../../common/members/project-members.repository';
import { titleInReadersWords } from '../../common/pipelines/pipeline-words';
import type { Project } from '../../common/projects/project.entity';
import type { Run } from '../../common/queue/run.entity';
import { RunsRepository } from '../../common/queue/runs.repository';
import { SharesRepository } from '../../common/shares/shares.repository';
import type { User } from '../../common/users/user.entity';
import { text } from '../../locales/text';
import { RunResults } from '../show/run-results';
import { FirstDeletion } from './first-deletion';
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
  /** What is deleted while a link may still open it; null where nothing is. */
  going: { count: number; atMs: number } | null;
  /** Whether the form proposes to keep it, because the link lives longer. */
  isKept: boolean;
  /** Whether that is before the new link ends. */
  endsEarly: boolean;
  open: OpenLink[];
  /** The new link; null where none was made just now. */
  made: string | null;
  /** People and groups who are in by name. */
  members: { id: string; label: string; isGroup: boolean; role: ProjectRole; createdMs: number }[];
  /** Whether people can be let in by name: not on the page of a run, and not by guests. */
  mayLetIn: boolean;
  /** What was entered to let somebody in. */
  who: string;
  role: string;
  /** Groups that can be let in: those of the owner. */
  groups: string[];
}

interface OpenLink {
  id: string;
  runId: number | null;
  /** Of the pipeline of its run; '' for the whole project, and for a run that is gone. */
  title: string;
  note: string;
  createdMs: number;
  openedMs: number | null;
  expiresMs: number;
  /** When the results of its run, or the first of its project, are deleted before that; null elsewhere. */
  goneMs: number | null;
}

const USUAL_DAYS = 30;
const DAY_MS = 86_400_000;

/** The page on which links to a run or a project are made and taken back. */
@Injectable()
export class SharePage {
  constructor(
    private readonly shares: SharesRepository,
    private readonly runs: RunsRepository,
    private readonly results: RunResults,
    private readonly firstDeletion: FirstDeletion,
    private readonly members: ProjectMembersRepository,
    private readonly groups: GroupsRepository,
  ) {}

  /** @param run null for the whole project, whose page lists the links to its runs as well. */
  async of(project: Project, run: Run | null, entered: Entered = {}, person: User | null = null): Promise<SharePageView> {
    const { made = null, note = '', days = '', keep } = entered;
    const links = await this.shares.ofProject(project.id);
    const all = links.filter(({ runId }) => !run || runId === run.id || runId === null);
    const shared = new Map((await this.runs.findByIds(all.flatMap(({ runId }) => runId ?? []))).map((one) => [one.id, one]));
    const first = await this.firstDeletion.of(project);
    const ofRunMs = run ? this.goneMs(run, project) : null;
    const ofRun = ofRunMs === null ? null : { count: 1, atMs: ofRunMs };
    const going = run ? ofRun : first;
    return {
      title: run ? text('shares.titleOfRun', { number: run.id }) : text('shares.titleOfProject'),
      project: { id: project.id, name: project.name },
      run: run && { id: run.id, title: titleInReadersWords(run) },
      lead: text(run ? 'shares.leadOfRun' : 'shares.leadOfProject'),
      action: run ? `/runs/${run.id}/share` : `/projects/${project.id}/shares`,
      days: SHARE_DAYS.map((value) => ({ value, isChosen: days === '' ? value === USUAL_DAYS : String(value) === days })),
      note,
      going,
      isKept: keep ?? outlives(going, Number(days === '' ? USUAL_DAYS : days)),
      endsEarly: made !== null && outlives(going, Number(days)),
      open: all.map(({ id, runId, note: words, createdMs, openedMs, expiresMs }) => {
        const its = shared.get(runId ?? 0);
        const goneMs = runId === null ? (first?.atMs ?? null) : this.goneMs(its, project);
        // To the day, as it is written: a link that ends some hours later brings no news.
        const isEarlier = goneMs !== null && goneMs < expiresMs - DAY_MS;
        return {
          id,
          runId,
          title: its ? titleInReadersWords(its) : '',
          note: words,
          createdMs,
          openedMs,
          expiresMs,
          goneMs: isEarlier ? goneMs : null,
        };
      }),
      made,
      who: entered.who ?? '',
      role: entered.role ?? 'read',
      ...(await this.named(project, run, person)),
    };
  }

  private async named(
    project: Project,
    run: Run | null,
    person: User | null,
  ): Promise<Pick<SharePageView, 'members' | 'groups' | 'mayLetIn'>> {
    // Somebody with a demo account sees whom others have let in.
    const isOwners = person?.kind === 'account' && person.id === project.ownerId;
    if (run || !isOwners) return { members: [], groups: [], mayLetIn: false };
    const members = (await this.members.ofProject(project.id)).map(({ id, label, kind, role, createdMs }) => {
      return { id, label, isGroup: kind === 'group', role, createdMs };
    });
    return { members, groups: (await this.groups.groupsOf(person.id)).map(({ name }) => name), mayLetIn: true };
  }

  private goneMs(run: Run | undefined, project: Project): number | null {
    return run ? this.results.deletionMs(run, project) : null;
  }
}

/** Whether a link of so many days would open when the first results are gone. */
function outlives(going: { atMs: number } | null, days: number): boolean {
  return going !== null && going.atMs < Date.now() + days * DAY_MS;
}

/** What was sent or made just now. */
interface Entered {
  made?: string | null;
  note?: string;
  days?: string;
  who?: string;
  role?: string;
  /** Undefined before anybody has chosen. */
  keep?: boolean;
}
