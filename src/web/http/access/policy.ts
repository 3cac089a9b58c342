import { Injectable } from '@nestjs/common';
import type { Project } from '../../../common/projects/project.entity';
import type { Run } from '../../../common/queue/run.entity';
import type { User } from '../../../common/users/user.entity';

/** Who asks, and for what. `person` is null without a session; a resource is null when the route names none, or an unknown one. */
export interface Question {
  person: User | null;
  project: Project | null;
  run: Run | null;
}

/**
 * - `allow`
 * - `logIn`: nobody is logged in; being somebody may help.
 * - `hide`: not theirs, and not even its existence is (404).
 * - `refuse`: they may know that it exists, as in the queue, and no more (403).
 */
export type Verdict = 'allow' | 'logIn' | 'hide' | 'refuse';

type Rule = (question: Question & { person: User }) => Verdict;

/** All rules that a person can meet. Guests are persons: their space is as private as an account's. */
const RULES = {
  /** Everybody who is logged in. */
  person: () => 'allow',
  /** People with an account, not guests. */
  account: ({ person }) => (person.kind === 'account' ? 'allow' : 'refuse'),
  /** The owner of the project: the only one who changes it. */
  projectOwner: ({ person, project }) => (project && owns(person, project) ? 'allow' : 'hide'),
  /** The owner, and administrators, who have to find out why something fails. */
  projectReader: ({ person, project }) => (project && (owns(person, project) || person.isAdmin) ? 'allow' : 'hide'),
  /** Parameters, log and results of a run: the owner of its project, and administrators. */
  runReader: ({ person, project, run }) => (!run ? 'hide' : (project && owns(person, project)) || person.isAdmin ? 'allow' : 'refuse'),
  /** What changes a run (cancel, keep): whoever asked for it, and administrators, who look after the machine. */
  runOwner: ({ person, run }) => (!run ? 'hide' : owns(person, run) || person.isAdmin ? 'allow' : 'refuse'),
  admin: ({ person }) => (person.isAdmin ? 'allow' : 'refuse'),
} as const satisfies Record<string, Rule>;

/** `anyone` needs no session: home, sign-up, log-in, health. */
export type AccessRule = 'anyone' | keyof typeof RULES;

/** Decides who may do what. The only place that does: guards ask it for routes, pages for what they show of others' things. */
@Injectable()
export class Policy {
  decide(rule: AccessRule, question: Question): Verdict {
    if (rule === 'anyone') return 'allow';
    const { person } = question;
    if (!person) return 'logIn';
    return RULES[rule]({ ...question, person });
  }

  allows(rule: AccessRule, question: Partial<Question>): boolean {
    return this.decide(rule, { person: null, project: null, run: null, ...question }) === 'allow';
  }
}

function owns(person: User, thing: { ownerId: string }): boolean {
  return person.id === thing.ownerId;
}
