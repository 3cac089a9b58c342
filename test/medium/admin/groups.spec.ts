import { Test, type TestingModule } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { AdminModule } from '../../../src/admin/admin.module';
import { parseCommand } from '../../../src/admin/command-line';
import { GoneMembers } from '../../../src/cleaner/tasks/gone-members';
import { AuditTrail } from '../../../src/common/audit/audit-trail';
import { AuditRepository } from '../../../src/common/audit/audit.repository';
import { AppConfig } from '../../../src/common/config/app-config';
import { GroupMember } from '../../../src/common/groups/group.entity';
import { GroupsRepository } from '../../../src/common/groups/groups.repository';
import { ProjectMembersRepository } from '../../../src/common/members/project-members.repository';
import { QuotasRepository } from '../../../src/common/quotas/quotas.repository';
import { UsersRepository } from '../../../src/common/users/users.repository';
import { mainOf, startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';
import { wordsOf } from '../show/show-stage';

describe('groups', () => {
  let web: TestWebApp;
  let context: TestingModule;
  let admin: TestBrowser;
  let group: string;

  beforeAll(async () => {
    web = await startTestWebApp({ ADMIN_EMAILS: 'admin@example.org' });
    context = await Test.createTestingModule({ imports: [AdminModule] })
      .overrideProvider(AppConfig)
      .useValue(web.database.config)
      .compile();
    admin = web.browser();
    await admin.signUp('admin@example.org');
    for (const email of ['ana@example.org', 'ben@example.org', 'ben@lab.example.org']) await web.browser().signUp(email);
  });
  afterAll(async () => {
    await context?.close();
    await web?.close();
  });

  const rows = () => web.app.get(GroupsRepository, { strict: false });
  const latest = async () => {
    await web.app.get(AuditTrail).settled();
    return (await web.app.get(AuditRepository).list({}, null, 1))[0];
  };
  const command = (...words: string[]) => parseCommand(words)(context);
  const page = async (path = group) => wordsOf(mainOf(await admin.get(path)));
  const idOf = async (email: string) => (await web.app.get(UsersRepository, { strict: false }).findByEmail(email))!.id;

  it('are made under names that differ, and nothing typed is lost', async () => {
    expect(await page('/admin/groups')).toContain('There are no groups yet');
    const made = await admin.postForm('/admin/groups', { name: ' Imaging core ', description: 'Microscopes' });
    expect(made.status).toBe(303);
    group = made.location!;
    expect(await page()).toContain('There is a group Imaging core now.');
    for (const [name, sentence] of [
      ['IMAGING  core'.replace('  ', ' '), 'There is a group named IMAGING core already.'],
      ['', 'Give the group a name.'],
      ['a@b', 'A name of a group has no @ and no comma'],
    ]) {
      const refused = await admin.postForm('/admin/groups', { name, description: 'kept <words>' });
      expect([name, refused.status]).toEqual([name, 422]);
      expect(wordsOf(mainOf(refused))).toContain(sentence);
      expect(refused.body).toContain('value="kept &lt;words&gt;"');
    }
    expect(await page('/admin/groups')).toMatch(/Imaging core Microscopes 0/);
  });

  it('take people by address, by name, or out of those who could be meant', async () => {
    expect((await admin.postForm(`${group}/members`, { who: 'ANA@example.org' })).status).toBe(303);
    expect(await page()).toContain('ana is in Imaging core now.');
    const several = await admin.postForm(`${group}/members`, { who: 'ben' });
    expect(several.status).toBe(422);
    expect(wordsOf(mainOf(several))).toMatch(/2 people are called ben\..*ben@example\.org.*ben@lab\.example\.org/);
    const part = await admin.postForm(`${group}/members`, { who: '@lab' });
    expect(wordsOf(mainOf(part))).toMatch(/Nobody with an account is called @lab\..*ben@lab\.example\.org/);
    expect(wordsOf(mainOf(await admin.postForm(`${group}/members`, { who: '%' })))).not.toContain('ben@');
    const user = await idOf('ben@lab.example.org');
    expect((await admin.postForm(`${group}/members`, { who: 'ben', user })).status).toBe(303);
    expect(await page()).toContain('2 people');
  });

  it('let people go, which can be undone', async () => {
    const user = await idOf('ana@example.org');
    await admin.postForm(`${group}/members/remove`, { user });
    const after = await admin.get(group);
    expect(wordsOf(mainOf(after))).toContain('ana is not in Imaging core any more.');
    // Whoever speaks to the page says what the button shows.
    expect(after.body).toMatch(/aria-label="Remove ben"[^>]*>Remove</);
    expect(await latest()).toMatchObject({
      action: 'group.remove-member',
      objectName: 'Imaging core',
      details: JSON.stringify({ person: user }),
    });
    expect(await page('/admin/audit?action=group.')).toMatch(/Removed somebody from a group.*person: ana.*Imaging core group/);
    expect(after.body).toContain(`action="${group}/members"`);
    await admin.postForm(`${group}/members`, { user });
    expect(await page()).toContain('2 people');
  });

  it('are kept from the shell as well, by the same names', async () => {
    expect(await command('groups')).toBe('Imaging core  (Microscopes)\n  ana@example.org\n  ben@lab.example.org');
    await expect(command('group-add', 'new', 'ana@example.org', 'nobody@example.org')).rejects.toThrow('called nobody@example.org');
    expect(await command('groups')).not.toContain('new');
    expect(await command('group-add', 'new', 'ana@example.org')).toBe('There is a group new now.\nana@example.org is in new.');
    expect(await command('group-remove', 'NEW', 'ana@example.org', 'ben@example.org')).toBe(
      'ana@example.org is not in new any more.\nben@example.org was not in new.',
    );
    const [{ id, name }] = (await rows().all()).filter((one) => one.name === 'new');
    expect(await latest()).toMatchObject({ action: 'group.remove-member', objectKind: 'group', objectId: id, objectName: name });
    expect(await command('group-delete', 'new')).toContain('The group new is deleted.');
    await expect(command('group-delete', 'new')).rejects.toThrow('There is no group named new.');
    for (const words of [['group-add'], ['group-remove', 'new'], ['group-delete', 'a', 'b']])
      expect(() => parseCommand(words)).toThrow(/^group-\w+ needs the name of /);
  });

  it('are renamed, and deleted by whoever types their name; the cleaner forgets who is gone', async () => {
    expect((await admin.postForm(group, { name: 'Imaging', description: '' })).status).toBe(303);
    expect((await admin.postForm(`${group}/delete`, { typed: 'imaging' })).status).toBe(422);
    const members = web.app.get(DataSource).getRepository(GroupMember);
    await members.insert({ groupId: group.split('/').at(-1)!, userId: 'nobody', addedMs: 1 });
    const quotas = web.app.get(QuotasRepository, { strict: false });
    const limits = { bytes: 1, files: null, uploadBytes: null, projects: null, runsAtOnce: null, waiting: null };
    await quotas.write('group', group.split('/').at(-1)!, limits);
    for (const subject of ['person', 'group'] as const) await quotas.write(subject, 'nobody', limits);
    const chore = new GoneMembers(
      web.app.get(GroupsRepository, { strict: false }),
      web.app.get(ProjectMembersRepository, { strict: false }),
      quotas,
    );
    for (const waste of await chore.find()) await waste.remove();
    expect(await members.count()).toBe(2);
    expect([await quotas.find('person', 'nobody'), await quotas.find('group', 'nobody')]).toEqual([null, null]);
    expect((await quotas.find('group', group.split('/').at(-1)!))?.bytes).toBe(1);
    expect((await admin.postForm(`${group}/delete`, { typed: 'Imaging' })).location).toBe('/admin/groups');
    expect([(await admin.get(group)).status, await members.count()]).toEqual([404, 0]);
  });
});
