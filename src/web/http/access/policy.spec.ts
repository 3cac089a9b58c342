import { aGuest, aProject, aRun, aUser } from '../../../../test/factories';
import { type AccessRule, Policy, type Verdict } from './policy';

const owner = aUser();
const other = aUser();
const guest = aGuest();
const admin = aUser({ isAdmin: true });
const project = aProject({ ownerId: owner.id });
const run = aRun({ ownerId: owner.id, projectId: project.id });

describe('Policy', () => {
  const sut = new Policy();
  const askers = { nobody: null, guest, other, owner, admin };
  const expected: Record<AccessRule, Record<keyof typeof askers, Verdict>> = {
    anyone: { nobody: 'allow', guest: 'allow', other: 'allow', owner: 'allow', admin: 'allow' },
    person: { nobody: 'logIn', guest: 'allow', other: 'allow', owner: 'allow', admin: 'allow' },
    account: { nobody: 'logIn', guest: 'refuse', other: 'allow', owner: 'allow', admin: 'allow' },
    projectOwner: { nobody: 'logIn', guest: 'hide', other: 'hide', owner: 'allow', admin: 'hide' },
    projectReader: { nobody: 'logIn', guest: 'hide', other: 'hide', owner: 'allow', admin: 'allow' },
    runReader: { nobody: 'logIn', guest: 'refuse', other: 'refuse', owner: 'allow', admin: 'allow' },
    runOwner: { nobody: 'logIn', guest: 'refuse', other: 'refuse', owner: 'allow', admin: 'allow' },
    admin: { nobody: 'logIn', guest: 'refuse', other: 'refuse', owner: 'refuse', admin: 'allow' },
  };

  for (const [rule, verdicts] of Object.entries(expected) as [AccessRule, Record<keyof typeof askers, Verdict>][]) {
    for (const [name, verdict] of Object.entries(verdicts) as [keyof typeof askers, Verdict][]) {
      it(`${rule}: ${name} → ${verdict}`, () => {
        expect(sut.decide(rule, { person: askers[name], project, run })).toBe(verdict);
      });
    }
  }

  it.each(['projectOwner', 'projectReader', 'runReader', 'runOwner'] as const)(
    '%s hides what is not there, also from administrators',
    (rule) => {
      expect(sut.decide(rule, { person: admin, project: null, run: null })).toBe('hide');
    },
  );

  it('lets the owner of a run read it by its project: who asked for it in a project of others does not', () => {
    const foreign = aRun({ ownerId: other.id, projectId: project.id });
    expect(sut.allows('runReader', { person: owner, project, run: foreign })).toBe(true);
    expect(sut.allows('runReader', { person: other, project, run: foreign })).toBe(false);
  });
});
