import { DataSource } from 'typeorm';
import { Groups } from '../../../src/common/groups/groups';
import { GroupsRepository } from '../../../src/common/groups/groups.repository';
import { IdentitiesRepository } from '../../../src/common/identities/identities.repository';
import { Identity } from '../../../src/common/identities/identity.entity';
import { User } from '../../../src/common/users/user.entity';
import { DirectoryGroups } from '../../../src/common/groups/directory-groups';
import { readConfig } from '../../../src/common/config/app-config';
import { aUser } from '../../factories';
import { InstituteAccounts } from '../../../src/web/accounts/institute/institute-accounts';
import { startTestWebApp, type TestWebApp } from '../../web-app';

const ANA = {
  source: 'oidc',
  issuer: 'https://sso.test',
  subject: 'ana',
  name: 'ana',
  displayName: 'Ana',
  email: null,
  groups: [] as string[],
} as const;

describe('people of the institute', () => {
  let web: TestWebApp;
  beforeAll(async () => (web = await startTestWebApp({ INSTITUTE_GROUPS: 'Staff=staff' })));
  afterAll(() => web?.close());

  const identities = () => web.app.get(IdentitiesRepository, { strict: false });

  it('are told apart by every letter of issuer and subject', async () => {
    const names = ['ana', 'Ana', 'aná', 'ana ', 'ana\u00df', 'anass', 'a'.repeat(255)];
    for (const [index, subject] of names.entries())
      expect(await identities().add({ ...pick(subject), userId: `user-${index}` })).toBe(true);
    for (const [index, subject] of names.entries())
      expect(await identities().find(pick(subject))).toMatchObject({ userId: `user-${index}`, subject });
    expect(await identities().find({ issuer: 'https://sso.tes', subject: 'tana' })).toBeNull();
    expect(await identities().add({ ...pick('ana'), userId: 'another' })).toBe(false);
    expect(await identities().find(pick('ana'))).toMatchObject({ userId: 'user-0' });
    // Their accounts are not there.
    await web.app.get(DataSource).getRepository(Identity).deleteAll();
  });

  it('become one account when they come twice at the same moment, and another when that is gone', async () => {
    const accounts = web.app.get(InstituteAccounts, { strict: false });
    const settled = await Promise.all([1, 2, 3].map(() => accounts.settle({ ...ANA, groups: ['STAFF'] }, 'lab')));
    const [id, ...more] = settled.map(({ person }) => person.id);
    expect(more).toEqual([id, id]);
    const users = web.app.get(DataSource).getRepository(User);
    expect(await users.countBy({ displayName: 'Ana' })).toBe(1);
    const groups = web.app.get(Groups, { strict: false });
    expect((await groups.membersOf(await groups.require('staff'))).map((one) => one.id)).toEqual([id]);
    await users.delete({ id });
    const again = await accounts.settle({ ...ANA, groups: [] }, 'lab');
    expect([again.isNew, again.person.id === id]).toEqual([true, false]);
  });

  it('make groups at the start, leave those alone that were made here, and give back those that are named no longer', async () => {
    const rows = web.app.get(GroupsRepository, { strict: false });
    const groups = web.app.get(Groups, { strict: false });
    const own = await groups.make({ name: 'Own', description: '' });
    const user = aUser();
    await groups.add(own, [user]);
    const directory = new DirectoryGroups(rows, readConfig({ INSTITUTE_GROUPS: 'OWN=own; Fresh=fresh' }));
    await directory.prepare();
    expect((await rows.all()).map(({ name, source }) => [name, source])).toEqual([
      ['Fresh', 'institute'],
      ['Own', 'local'],
      ['Staff', 'local'],
    ]);
    await directory.follow(user.id, ['fresh']);
    expect((await rows.groupsOf(user.id)).map(({ name }) => name)).toEqual(['Fresh', 'Own']);
    await directory.follow(user.id, []);
    expect((await rows.groupsOf(user.id)).map(({ name }) => name)).toEqual(['Own']);
  });

  function pick(subject: string) {
    return { source: 'oidc' as const, issuer: 'https://sso.test', subject, name: subject, madeAccount: false };
  }
});
