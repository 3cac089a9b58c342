import { aGuest, aProject, aRun, aUser } from '../../../../test/factories';
import type { Asker } from '../../../common/members/asker';
import type { Audience } from '../../../common/pipeline-settings/audience';
import type { ProjectRole } from '../../../common/members/project-member.entity';
import type { Run } from '../../../common/queue/run.entity';
import type { User } from '../../../common/users/user.entity';
import { type AccessRule, type Grant, Policy, type Verdict } from './policy';

const owner = aUser();
const other = aUser();
const guest = aGuest();
const admin = aUser({ isAdmin: true });
const project = aProject({ ownerId: owner.id });
const run = aRun({ ownerId: owner.id, projectId: project.id });

describe('Policy', () => {
  const sut = new Policy({ settings: { DEMO_USERLIST: ['Demo@example.org'] } } as never);
  const askers = { nobody: null, guest, other, owner, admin };
  const expected: Record<AccessRule, Record<keyof typeof askers, Verdict>> = {
    anyone: { nobody: 'allow', guest: 'allow', other: 'allow', owner: 'allow', admin: 'allow' },
    person: { nobody: 'logIn', guest: 'allow', other: 'allow', owner: 'allow', admin: 'allow' },
    newcomer: { nobody: 'logIn', guest: 'allow', other: 'allow', owner: 'allow', admin: 'allow' },
    account: { nobody: 'logIn', guest: 'refuse', other: 'allow', owner: 'allow', admin: 'allow' },
    projectOwner: { nobody: 'logIn', guest: 'hide', other: 'hide', owner: 'allow', admin: 'hide' },
    projectReader: { nobody: 'logIn', guest: 'hide', other: 'hide', owner: 'allow', admin: 'allow' },
    runReader: { nobody: 'logIn', guest: 'refuse', other: 'refuse', owner: 'allow', admin: 'allow' },
    projectViewer: { nobody: 'logIn', guest: 'hide', other: 'hide', owner: 'allow', admin: 'allow' },
    runViewer: { nobody: 'logIn', guest: 'refuse', other: 'refuse', owner: 'allow', admin: 'allow' },
    projectSharer: { nobody: 'logIn', guest: 'hide', other: 'hide', owner: 'allow', admin: 'hide' },
    projectRunner: { nobody: 'logIn', guest: 'hide', other: 'hide', owner: 'allow', admin: 'hide' },
    projectScheduler: { nobody: 'logIn', guest: 'hide', other: 'hide', owner: 'allow', admin: 'hide' },
    scheduleKeeper: { nobody: 'logIn', guest: 'hide', other: 'hide', owner: 'allow', admin: 'hide' },
    // Of no schedule at all.
    scheduleAuthor: { nobody: 'logIn', guest: 'hide', other: 'hide', owner: 'hide', admin: 'hide' },
    projectKeeper: { nobody: 'logIn', guest: 'hide', other: 'hide', owner: 'allow', admin: 'allow' },
    projectMember: { nobody: 'logIn', guest: 'hide', other: 'hide', owner: 'hide', admin: 'hide' },
    runOwner: { nobody: 'logIn', guest: 'refuse', other: 'refuse', owner: 'allow', admin: 'allow' },
    runRequeuer: { nobody: 'logIn', guest: 'refuse', other: 'refuse', owner: 'allow', admin: 'allow' },
    runKeeper: { nobody: 'logIn', guest: 'refuse', other: 'refuse', owner: 'allow', admin: 'allow' },
    pipelineUser: { nobody: 'logIn', guest: 'hide', other: 'hide', owner: 'hide', admin: 'hide' },
    admin: { nobody: 'logIn', guest: 'refuse', other: 'refuse', owner: 'refuse', admin: 'allow' },
  };

  for (const [rule, verdicts] of Object.entries(expected) as [AccessRule, Record<keyof typeof askers, Verdict>][]) {
    for (const [name, verdict] of Object.entries(verdicts) as [keyof typeof askers, Verdict][]) {
      it(`${rule}: ${name} → ${verdict}`, () => {
        expect(sut.decide(rule, { person: askers[name], project, run })).toBe(verdict);
      });
    }
  }

  it('lets strangers read how things work where they can become somebody by themselves, and nowhere else', () => {
    const of = (settings: object) =>
      new Policy({ settings: { DEMO_USERLIST: [], ...settings } } as never).decide('newcomer', { person: null, project: null, run: null });
    expect(of({ ALLOW_GUESTS: true, SIGN_UP: 'closed' })).toBe('allow');
    expect(of({ ALLOW_GUESTS: false, SIGN_UP: 'domains' })).toBe('allow');
    for (const mode of ['invitation', 'closed']) expect(of({ ALLOW_GUESTS: false, SIGN_UP: mode })).toBe('logIn');
  });

  it.each(['projectOwner', 'projectReader', 'runReader', 'projectViewer', 'runViewer', 'runOwner'] as const)(
    '%s hides what is not there, also from administrators',
    (rule) => {
      expect(sut.decide(rule, { person: admin, project: null, run: null })).toBe('hide');
    },
  );

  describe('asked by somebody whom the owner named', () => {
    const theirs = aRun({ ownerId: other.id, projectId: project.id });
    const as = (role: ProjectRole | null, asked: Run) => (rule: AccessRule) =>
      sut.decide(rule, { person: other, project, run: asked, role });

    it.each<[AccessRule, reads: Verdict, runs: Verdict]>([
      ['projectReader', 'allow', 'allow'],
      ['projectViewer', 'allow', 'allow'],
      ['runReader', 'allow', 'allow'],
      ['runViewer', 'allow', 'allow'],
      ['projectRunner', 'refuse', 'allow'],
      ['projectScheduler', 'refuse', 'allow'],
      ['projectOwner', 'refuse', 'refuse'],
      ['projectSharer', 'refuse', 'refuse'],
      ['projectKeeper', 'refuse', 'refuse'],
      ['projectMember', 'allow', 'allow'],
      ['runOwner', 'refuse', 'refuse'],
      ['runRequeuer', 'refuse', 'refuse'],
      ['runKeeper', 'refuse', 'refuse'],
      ['admin', 'refuse', 'refuse'],
    ])('%s: to read %s, to run %s', (rule, reads, runs) => {
      expect([as('read', run)(rule), as('run', run)(rule)]).toEqual([reads, runs]);
    });

    it('lets them end what they asked for as long as they are in, and ask for it again while they may', () => {
      const rules: AccessRule[] = ['runOwner', 'runRequeuer', 'runKeeper'];
      expect(rules.map(as('run', theirs))).toEqual(['allow', 'allow', 'refuse']);
      expect(rules.map(as('read', theirs))).toEqual(['allow', 'refuse', 'refuse']);
      expect(rules.map(as(null, theirs))).toEqual(['refuse', 'refuse', 'refuse']);
      expect(rules.map((rule) => sut.decide(rule, { person: owner, project, run: theirs }))).toEqual(['allow', 'allow', 'allow']);
    });

    it('lets those who may run there stop and change their own schedules, and the owner stop all of them', () => {
      const may = (person: User, role: ProjectRole | null, ownerId: string) =>
        (['scheduleKeeper', 'scheduleAuthor'] as const).map((rule) =>
          sut.decide(rule, { person, project, run: null, role, schedule: { ownerId } }),
        );
      expect(may(other, 'run', other.id)).toEqual(['allow', 'allow']);
      expect(may(other, 'run', owner.id)).toEqual(['refuse', 'refuse']);
      expect(may(other, 'read', other.id)).toEqual(['refuse', 'refuse']);
      expect(may(other, null, other.id)).toEqual(['hide', 'hide']);
      expect(may(owner, null, other.id)).toEqual(['allow', 'hide']);
      const own = aProject({ ownerId: guest.id });
      expect(sut.decide('projectScheduler', { person: guest, project: own, run: null })).toBe('refuse');
    });

    it('lets no guest let anybody in', () => {
      const own = aProject({ ownerId: guest.id });
      expect(sut.decide('projectSharer', { person: guest, project: own, run: null })).toBe('refuse');
    });
  });

  describe('asked who may run a pipeline', () => {
    const asker = (person: User, over: Partial<Asker> = {}): Asker => {
      return { id: person.id, isAdmin: person.isAdmin, kind: person.kind, groupIds: new Set(), address: null, ...over };
    };
    const named = { groupIds: new Set(['g']), userIds: new Set(['someone']), addresses: new Set(['ana@example.org']) };
    const mayRun = (person: User | null, audience: Audience, over: Partial<Asker> = {}) =>
      sut.decide('pipelineUser', { person, project: null, run: null, pipeline: { audience, asker: person && asker(person, over) } });

    it.each<[Audience, Verdict, Verdict, Verdict, Verdict]>([
      ['everyone', 'allow', 'allow', 'allow', 'allow'],
      ['accounts', 'logIn', 'hide', 'allow', 'allow'],
      ['administrators', 'logIn', 'hide', 'hide', 'allow'],
      [named, 'logIn', 'hide', 'hide', 'allow'],
    ])('%p: nobody %s, a guest %s, an account %s, an administrator %s', (audience, ...verdicts) => {
      expect([null, guest, other, admin].map((person) => mayRun(person, audience))).toEqual(verdicts);
    });

    it('counts groups, people and proved addresses, of accounts alone', () => {
      expect(mayRun(other, named, { groupIds: new Set(['f', 'g']) })).toBe('allow');
      expect(mayRun(other, named, { id: 'someone' })).toBe('allow');
      expect(mayRun(other, named, { address: 'ana@example.org' })).toBe('allow');
      expect(mayRun(other, named, { groupIds: new Set(['h']), address: 'ben@example.org' })).toBe('hide');
      expect(mayRun(guest, named, { id: 'someone', groupIds: new Set(['g']), address: 'ana@example.org' })).toBe('hide');
    });
  });

  describe('asked by somebody with a link', () => {
    const grant = (over: Partial<Grant>): Grant => ({ id: 'link', projectId: project.id, runId: null, expiresMs: 1, ...over });
    const toProject = grant({});
    const toRun = grant({ runId: run.id });
    const toOtherRun = grant({ runId: run.id + 1 });
    const toOtherProject = grant({ projectId: aProject().id });

    it.each<[AccessRule, Grant, Verdict]>([
      ['projectViewer', toProject, 'allow'],
      ['projectViewer', toRun, 'logIn'],
      ['projectViewer', toOtherProject, 'logIn'],
      ['runViewer', toProject, 'allow'],
      ['runViewer', toRun, 'allow'],
      ['runViewer', toOtherRun, 'logIn'],
      ['runViewer', toOtherProject, 'logIn'],
      ['person', toProject, 'logIn'],
      ['account', toProject, 'logIn'],
      ['projectReader', toProject, 'logIn'],
      ['projectOwner', toProject, 'logIn'],
      ['runReader', toProject, 'logIn'],
      ['runOwner', toRun, 'logIn'],
      ['admin', toProject, 'logIn'],
    ])('%s with %p: %s', (rule, link, verdict) => {
      expect(sut.decide(rule, { person: null, project, run, grants: [link] })).toBe(verdict);
      const instead = verdict === 'allow' ? verdict : sut.decide(rule, { person: other, project, run });
      expect(sut.decide(rule, { person: other, project, run, grants: [link] })).toBe(instead);
    });

    it('opens nothing that is not there', () => {
      expect(sut.decide('projectViewer', { person: null, project: null, run: null, grants: [toProject] })).toBe('logIn');
      expect(sut.decide('runViewer', { person: null, project, run: null, grants: [toProject] })).toBe('logIn');
    });
  });

  it('lets the owner of a run read it by its project: who asked for it in a project of others does not', () => {
    const foreign = aRun({ ownerId: other.id, projectId: project.id });
    expect(sut.allows('runReader', { person: owner, project, run: foreign })).toBe(true);
    expect(sut.allows('runReader', { person: other, project, run: foreign })).toBe(false);
  });

  describe('asked by somebody with a demo account', () => {
    const demo = aUser({ email: 'demo@example.org' });
    const own = aProject({ ownerId: demo.id });
    const ownRun = aRun({ ownerId: demo.id, projectId: own.id });
    const things = { person: demo, project: own, run: ownRun };
    const rules: AccessRule[] = [
      'person',
      'account',
      'projectOwner',
      'projectReader',
      'runReader',
      'projectViewer',
      'runViewer',
      'runOwner',
    ];

    it.each(rules)('%s: they look at what is theirs, and change nothing', (rule) => {
      expect(sut.decide(rule, { ...things, intent: 'look' })).toBe('allow');
      expect(sut.decide(rule, { ...things, intent: 'change' })).toBe('lookOnly');
      expect(sut.allows(rule, things)).toBe(rule !== 'projectOwner' && rule !== 'runOwner');
    });

    it('hides and refuses what is not theirs, as from everybody, and lets them log out', () => {
      for (const intent of ['look', 'change'] as const) {
        expect(sut.decide('projectOwner', { person: demo, project, run: null, intent })).toBe('hide');
        expect(sut.decide('runReader', { person: demo, project, run, intent })).toBe('refuse');
        expect(sut.decide('anyone', { person: demo, project: null, run: null, intent })).toBe('allow');
      }
    });

    it('is about accounts of that address alone', () => {
      expect(sut.decide('projectOwner', { person: owner, project, run, intent: 'change' })).toBe('allow');
    });
  });
});
