import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ProjectsRepository } from '../../../src/common/projects/projects.repository';
import { SampleProject } from '../../../src/common/projects/sample-project';
import { Space } from '../../../src/common/space/space';
import { UsersRepository } from '../../../src/common/users/users.repository';
import { createProject } from '../../project-steps';
import { startTestWebApp, type TestWebApp } from '../../web-app';

describe('the sample project', () => {
  let web: TestWebApp;
  beforeAll(async () => {
    web = await startTestWebApp({ SAMPLE_PROJECT: 'on' });
  });
  afterAll(() => web.close());

  const personOf = async (email: string) => (await web.app.get(UsersRepository, { strict: false }).findByEmail(email))!;
  const projectsOf = async (email: string) => web.app.get(ProjectsRepository, { strict: false }).findByOwner((await personOf(email)).id);

  it('is left out where the installation has no sample image', async () => {
    const { email } = await web.browser().signUp();
    expect(await projectsOf(email)).toEqual([]);
  });

  it('is there for newcomers, once, with its image', async () => {
    mkdirSync(join(web.database.folder, 'sample'));
    writeFileSync(join(web.database.folder, 'sample', 'tissue.tif'), 'tissue');
    const browser = web.browser();
    const { email } = await browser.signUp();
    const [project, ...others] = await projectsOf(email);
    expect([project.name, others]).toEqual(['Sample', []]);
    const folder = join(web.database.config.filesRoot, project.ownerId, project.id);
    expect(readFileSync(join(folder, 'tissue.tif'), 'utf8')).toBe('tissue');
    expect((await web.app.get(Space, { strict: false }).useFor(project.ownerId)).used).toEqual({ bytes: 6, files: 1 });
    await web.app.get(SampleProject, { strict: false }).giveTo(await personOf(email));
    expect(await projectsOf(email)).toHaveLength(1);
  });

  it('is not given to people who have projects', async () => {
    const guest = web.browser();
    await guest.enterAsGuest();
    const project = await createProject(web, guest, 'Own');
    await web.app.get(SampleProject, { strict: false }).giveTo({ id: project.ownerId });
    const all = await web.app.get(ProjectsRepository, { strict: false }).findByOwner(project.ownerId);
    expect(all.map(({ name }) => name).sort()).toEqual(['Own', 'Sample']);
  });
});
