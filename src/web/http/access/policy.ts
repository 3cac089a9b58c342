import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../../common/config/app-config';
import type { Asker } from '../../../common/members/asker';
import type { ProjectRole } from '../../../common/members/project-member.entity';
import { isAmong, type Audience } from '../../../common/pipeline-settings/audience';
import type { Project } from '../../../common/projects/project.entity';
import type { Share } from '../../../common/shares/share.entity';
import type { Run } from '../../../common/queue/run.entity';
import type { User } from '../../../common/users/user.entity';
import { isDemo } from '../../../common/users/demo';

/** Who asks, and for what. `person` is null without a session; a resource is null when the route names none, or an unknown one. */
export interface Question {
  person: User | null;
  project: Project | null;
  run: Run | null;
  /** What the person may do in the project because its owner named them; null or absent for nothing. Never the owner's own. */
  role?: ProjectRole | null;
  /** The pipeline in question; null or absent where none is. */
  pipeline?: PipelineInQuestion | null;
  /** The schedule in question; null or absent where none is. */
  schedule?: { ownerId: string } | null;
  /** Of the links by which the browser came in; none where they do not matter. */
  grants?: readonly Grant[];
  /** What a request is about to do; pages that ask what they may offer leave it out. */
  intent?: Intent;
}

/** Who may run a pipeline, and to whom the person counts; null for somebody who is not logged in. */
export interface PipelineInQuestion {
  audience: Audience;
  asker: Asker | null;
}

/** Whether a request only looks, which includes forms that are questions, or changes something. */
export type Intent = 'look' | 'change';

/** What a link opens, to whoever has it: one run, or a project with all of its runs. */
export type Grant = Pick<Share, 'id' | 'projectId' | 'runId' | 'expiresMs'>;

/**
 * - `allow`
 * - `logIn`: nobody is logged in; being somebody may help.
 * - `hide`: not theirs, and not even its existence is (404).
 * - `refuse`: they may know that it exists, as in the queue, and no more (403).
 * - `lookOnly`: it is theirs, and they are there to look (403).
 */
export type Verdict = 'allow' | 'logIn' | 'hide' | 'refuse' | 'lookOnly';

type Rule = (question: Question & { person: User }) => Verdict;

/** All rules that a person can meet. Guests are persons: their space is as private as an account's. */
const RULES = {
  /** Everybody who is logged in. */
  person: () => 'allow',
  /** How things work here: also strangers who may become somebody. */
  newcomer: () => 'allow',
  /** People with an account, not guests. */
  account: ({ person }) => (person.kind === 'account' ? 'allow' : 'refuse'),
  /** The owner of the project: the only one who changes it. */
  projectOwner: (question) => (ownsProject(question) ? 'allow' : hidden(question)),
  /** Who lets others in by name: the owner, unless that is a guest, who is somebody only as long as a cookie. */
  projectSharer: (question) => (!ownsProject(question) ? hidden(question) : question.person.kind === 'account' ? 'allow' : 'refuse'),
  /** Who puts files into the project and asks for runs in it, and changes nothing that is there: the owner, and whom they named for it. */
  projectRunner: (question) => (mayAsk(question) ? 'allow' : hidden(question)),
  /** Who has runs start by themselves: as `projectRunner`, unless that is a guest, whom no mail could tell that something does not start. */
  projectScheduler: (question) => {
    const verdict = mayAsk(question) ? 'allow' : hidden(question);
    return verdict === 'allow' && question.person.kind !== 'account' ? 'refuse' : verdict;
  },
  /** Who stops what starts by itself: whoever made it, while they may ask for runs there, and the owner of the project. */
  scheduleKeeper: (question) => (ownsProject(question) || (mayAsk(question) && ownsSchedule(question)) ? 'allow' : hidden(question)),
  /** Who changes it: whoever made it, in whose name it starts. */
  scheduleAuthor: (question) => (mayAsk(question) && ownsSchedule(question) ? 'allow' : hidden(question)),
  /** The owner, whom they named, and administrators, who have to find out why something fails. */
  projectReader: readsProject,
  /** What is about the owner's space, and what they threw away: they themselves, and administrators. */
  projectKeeper: (question) => (ownsProject(question) || (question.project && question.person.isAdmin) ? 'allow' : hidden(question)),
  /** Whom the owner named: the only ones who can leave. */
  projectMember: ({ project, role }) => (project && role ? 'allow' : 'hide'),
  /** Parameters, log and results of a run: whoever reads its project. */
  runReader: readsRun,
  /** What a link to the project shows as well. */
  projectViewer: readsProject,
  /** What a link to the run, or to its project, shows as well. */
  runViewer: readsRun,
  /** Who ends a run: whoever asked for it, while they are in its project, the owner of that, and administrators, who look after the machine. */
  runOwner: (question) => onRun(question, ownsProject(question) || (asked(question) && isInside(question))),
  /** Who has a run of theirs asked for once more: as `runOwner`, while they may ask for runs there. */
  runRequeuer: (question) =>
    onRun(question, ownsProject(question) || (asked(question) && (question.role === 'run' || question.project === null))),
  /** Whose results stay: it is their space. */
  runKeeper: (question) => onRun(question, ownsProject(question)),
  /** What a pipeline is for: administrators may run all, others those that are open to them, and hear of no others. */
  pipelineUser: ({ pipeline }) => mayRun(pipeline),
  admin: ({ person }) => (person.isAdmin ? 'allow' : 'refuse'),
} as const satisfies Record<string, Rule>;

/** What a link is good for. It never changes anything. */
const OPENED_BY_LINKS: Partial<Record<AccessRule, (grant: Grant, question: Question) => boolean>> = {
  projectViewer: (grant, { project }) => grant.runId === null && grant.projectId === project?.id,
  runViewer: (grant, { run }) => grant.projectId === run?.projectId && (grant.runId === null || grant.runId === run.id),
};

/** What nobody is asked for who only looks. */
const FOR_CHANGES: ReadonlySet<AccessRule> = new Set<AccessRule>([
  'projectOwner',
  'projectSharer',
  'projectRunner',
  'projectMember',
  'projectScheduler',
  'scheduleKeeper',
  'scheduleAuthor',
  'runOwner',
  'runRequeuer',
  'runKeeper',
]);

/** `anyone` needs no session: home, sign-up, log-in, health. */
export type AccessRule = 'anyone' | keyof typeof RULES;

/** Decides who may do what. The only place that does: guards ask it for routes, pages for what they show of others' things. */
@Injectable()
export class Policy {
  constructor(private readonly config: AppConfig) {}

  decide(rule: AccessRule, question: Question): Verdict {
    if (rule === 'anyone' || this.isOpenToStrangers(rule)) return 'allow';
    if (this.grantFor(rule, question)) return 'allow';
    const { person } = question;
    // Whoever is not logged in becomes a guest by one click.
    if (!person) return rule === 'pipelineUser' && mayRun(question.pipeline) === 'allow' ? 'allow' : 'logIn';
    const verdict = RULES[rule]({ ...question, person });
    return verdict === 'allow' && this.onlyLooks(rule, person, question.intent) ? 'lookOnly' : verdict;
  }

  /** Whether nobody has to be logged in. */
  isOpenToStrangers(rule: AccessRule): boolean {
    return rule === 'anyone' || (rule === 'newcomer' && takesNewcomers(this.config));
  }

  /** Whether a link can open it at all. */
  isOpenToLinks(rule: AccessRule): boolean {
    return rule in OPENED_BY_LINKS;
  }

  /** The link that opens it; undefined for none. */
  grantFor(rule: AccessRule, question: Question): Grant | undefined {
    return question.grants?.find((grant) => OPENED_BY_LINKS[rule]?.(grant, question));
  }

  /** Whether somebody with a demo account would go further than that: by a request that changes anything, or on a page that offers it. */
  private onlyLooks(rule: AccessRule, person: User, intent: Intent | undefined): boolean {
    if (!isDemo(this.config, person) || intent === 'look') return false;
    return intent === 'change' || FOR_CHANGES.has(rule);
  }

  allows(rule: AccessRule, question: Partial<Question>): boolean {
    return this.decide(rule, { person: null, project: null, run: null, ...question }) === 'allow';
  }
}

/** Whether strangers can become somebody by themselves: as guests, or with an account. */
export function takesNewcomers({ settings }: Pick<AppConfig, 'settings'>): boolean {
  const { ALLOW_GUESTS, SIGN_UP } = settings;
  return ALLOW_GUESTS || SIGN_UP === 'open' || SIGN_UP === 'domains';
}

function owns(person: User, thing: { ownerId: string }): boolean {
  return person.id === thing.ownerId;
}

function mayRun(pipeline: PipelineInQuestion | null | undefined): Verdict {
  return pipeline && isAmong(pipeline.asker, pipeline.audience) ? 'allow' : 'hide';
}

type Asked = Question & { person: User };

function ownsProject({ person, project }: Asked): boolean {
  return project !== null && owns(person, project);
}

function ownsSchedule({ person, schedule }: Asked): boolean {
  return schedule != null && owns(person, schedule);
}

function mayAsk(question: Asked): boolean {
  return ownsProject(question) || (question.project !== null && question.role === 'run');
}

/** Whom the owner named knows that there is a project, and only that this is not theirs to do. */
function hidden({ project, role }: Asked): Verdict {
  return project && role ? 'refuse' : 'hide';
}

function asked({ person, run }: Asked): boolean {
  return run !== null && owns(person, run);
}

/** Where the project is gone there is nobody to be asked. */
function isInside({ person, project, role }: Asked): boolean {
  return project === null || owns(person, project) || (role ?? null) !== null;
}

function onRun({ person, run }: Asked, may: boolean): Verdict {
  if (!run) return 'hide';
  return may || person.isAdmin ? 'allow' : 'refuse';
}

function readsProject({ person, project, role }: Asked): Verdict {
  return project && (owns(person, project) || role || person.isAdmin) ? 'allow' : 'hide';
}

function readsRun({ person, project, run, role }: Asked): Verdict {
  if (!run) return 'hide';
  return (project && (owns(person, project) || role)) || person.isAdmin ? 'allow' : 'refuse';
}
