import { Laboratory } from './laboratory';
import { Album, type World } from './shot';

/** Somebody who has just signed up, in an installation that nobody has used, with nothing but the pipelines that ship. */
export async function emptyWorld(): Promise<World> {
  const laboratory = await Laboratory.open({}, { SAMPLE_PROJECT: 'off' });
  const root = (await laboratory.person('root@example.org')).cookies;
  const mira = await laboratory.person('mira@example.org');
  const before = new Map(mira.cookies);
  const album = new Album();
  album.addBoth('door', 'newcomer', '/');
  album.add('door', 'log-in', '/login');
  album.addBoth('door', 'sign-up', '/signup');
  album.add('home', 'dashboard', '/', before);
  album.addBoth('queue', 'queue', '/queue', before);
  album.add('queue', 'runners', '/admin/runners', root);
  album.add('admin', 'overview', '/admin', root);
  album.add('admin', 'audit-none', '/admin/audit?outcome=failed', root);
  album.add('admin', 'disk', '/admin/disk', root);
  album.add('projects', 'space', '/space', before);
  album.add('help', 'help', '/help', before);

  const otto = await laboratory.person('otto@example.org');
  const as = otto.cookies;
  const project = await otto.project('Pancreas, core C7');
  const at = `/projects/${project}`;
  album.addBoth('projects', 'projects-none', '/projects', before);
  album.addBoth('files', 'project', at, as);
  album.add('files', 'trash', `${at}/trash`, as);
  album.add('files', 'inbox', `${at}/inbox`, as);
  album.add('files', 'inbox-shared', `${at}/inbox?from=shared`, as);
  album.add('projects', 'settings', `${at}/settings`, as);
  album.add('projects', 'tasks', `${at}/tasks`, as);
  album.add('projects', 'show-none', `${at}/show`, as);
  album.add('projects', 'space-of-project', `${at}/space`, as);
  album.add('form', 'choose', `${at}/run`, as);
  album.add('form', 'nuclei-without-files', `${at}/run/nuclei`, as);
  album.add('form', 'pipex-without-files', `${at}/run/pipex`, as);
  album.add('form', 'proticelli-not-ready', `${at}/run/proticelli`, as);
  album.add('compare', 'compare-none', `${at}/compare`, as);
  album.add('projects', 'schedules-none', `${at}/schedules`, as);
  album.add('projects', 'webhooks-none', `${at}/webhooks`, as);
  album.add('share', 'shares-none', `${at}/shares`, as);
  const link = await otto.share(`${at}/shares`);
  album.add('share', 'shared-project-empty', `${at}/shared`, (await laboratory.visitor(link)).cookies);
  return { name: 'empty', laboratory, shots: album.shots };
}
