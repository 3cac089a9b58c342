import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findHierarchies } from './cgroup-hierarchies';

/** The files of the kernel that are looked at, in an ordinary folder: which groups a machine has is decided by its administrator. */
describe('findHierarchies', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'showrunner-cgroup-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const mountLine = (type: string, at: string, options: string, inner = '/') =>
    `31 24 0:27 ${inner} ${at} rw,nosuid - ${type} ${type} rw,${options}`;

  function group(path: string, files: Record<string, string>): string {
    const folder = join(root, path);
    mkdirSync(folder, { recursive: true });
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    return folder;
  }

  function secondVersion(own: string) {
    group('', { 'cgroup.controllers': 'cpuset cpu io memory pids\n', 'cgroup.subtree_control': 'cpu memory pids\n' });
    const controllers = { 'cgroup.controllers': 'cpu memory pids\n', 'cgroup.type': 'domain\n' };
    const service = group('system.slice/showrunner.service', { ...controllers, 'cgroup.subtree_control': '' });
    group('system.slice/showrunner.service/runner', { ...controllers, 'cgroup.subtree_control': '' });
    return {
      service,
      find: (named: string | null = null) => findHierarchies(mountLine('cgroup2', root, 'nsdelegate'), `0::${own}\n`, named),
    };
  }

  it('takes the delegated group of the service, beside the one that the runner itself is in, and enables what it can', () => {
    const { service, find } = secondVersion('/system.slice/showrunner.service/runner');
    expect(find()).toEqual([{ version: 2, folder: service, controllers: [] }]);
    // An ordinary file keeps the last word only; the kernel would add them up.
    expect(readFileSync(join(service, 'cgroup.subtree_control'), 'utf8')).toBe('+pids');
    writeFileSync(join(service, 'cgroup.subtree_control'), 'memory pids\n');
    expect(find()[0]?.folder).toBe(service);
  });

  it('leaves a service alone that is itself in the group, because its processes would keep limits from groups below', () => {
    expect(secondVersion('/system.slice/showrunner.service').find()).toEqual([]);
  });

  it('takes the root where the runner is in it, and what the administrator named', () => {
    const { service, find } = secondVersion('/');
    expect(find()[0]?.folder).toBe(root);
    expect(find(service)[0]?.folder).toBe(service);
    expect(find(join(root, 'nowhere'))).toEqual([]);
  });

  it('takes the own group of each controller of version 1, and of version 2 without controllers', () => {
    const memory = group('memory/job 1', {});
    const cpu = group('cpu,cpuacct/job', {});
    const unified = group('unified/job', { 'cgroup.controllers': 'hugetlb\n', 'cgroup.type': 'domain\n' });
    const mounts = [
      mountLine('cgroup', join(root, 'memory'), 'memory'),
      mountLine('cgroup', join(root, 'cpu,cpuacct'), 'cpu,cpuacct'),
      mountLine('cgroup2', join(root, 'unified'), ''),
      mountLine('tmpfs', join(root, 'pids'), 'pids'),
    ].join('\n');
    const own = '8:memory:/job 1\n2:cpu,cpuacct:/job\n3:pids:/job\n0::/job\n';
    expect(findHierarchies(mounts, own, null)).toEqual([
      { version: 1, folder: memory, controllers: ['memory'] },
      { version: 1, folder: cpu, controllers: ['cpu'] },
      { version: 2, folder: unified, controllers: [] },
    ]);
  });

  it('finds its way where only a part of the tree is mounted, under a name with a blank', () => {
    const folder = group('my cgroups/inner', {});
    const mounts = mountLine('cgroup', join(root, 'my\\040cgroups'), 'memory', '/docker/abc');
    expect(findHierarchies(mounts, '8:memory:/docker/abc/inner\n', null)).toEqual([{ version: 1, folder, controllers: ['memory'] }]);
    expect(findHierarchies(mounts, '8:memory:/docker/abcdef\n', null)).toEqual([]);
  });

  it('finds nothing where there is nothing', () => {
    expect(findHierarchies('', '', null)).toEqual([]);
    expect(findHierarchies(mountLine('cgroup', join(root, 'gone'), 'memory'), '8:memory:/\n', null)).toEqual([]);
  });
});
