import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** A tree of control groups in which this process may make some. */
export interface Hierarchy {
  version: 1 | 2;
  /** Of `memory`, `cpu` and `pids` those that groups made here can limit. */
  controllers: Controller[];
  /** Where groups are made. */
  folder: string;
}

export const CONTROLLERS = ['memory', 'cpu', 'pids'] as const;
export type Controller = (typeof CONTROLLERS)[number];

interface Mount {
  type: string;
  /** The part of the tree that is mounted. */
  root: string;
  at: string;
  options: string[];
}

/**
 * Where control groups can be made, by `/proc/self/mountinfo` and `/proc/self/cgroup`. With version 1, and where version 2 has no
 * controllers, below the group of this process. With version 2 a group that has processes cannot limit others below it, so there it is
 * the delegated group of the service (`Delegate=yes` with `DelegateSubgroup=`), the root, or what the administrator named.
 */
export function findHierarchies(mountinfo: string, ownGroups: string, named: string | null): Hierarchy[] {
  const mounts = mountinfo.split('\n').flatMap(parseMount);
  const own = new Map(ownGroups.split('\n').flatMap(parseOwnGroup));
  const found: Hierarchy[] = [];
  for (const controller of CONTROLLERS) {
    const mount = mounts.find(({ type, options }) => type === 'cgroup' && options.includes(controller));
    const folder = mount && placeOf(mount, own.get(controller));
    if (!folder) continue;
    const shared = found.find((one) => one.folder === folder);
    if (shared) shared.controllers.push(controller);
    else found.push({ version: 1, controllers: [controller], folder });
  }
  const second = mounts.find(({ type }) => type === 'cgroup2');
  const folder = second && placeOf(second, own.get(''));
  if (folder) found.push(...secondVersion(folder, named));
  return found.filter((one) => isWritable(one.folder));
}

function secondVersion(own: string, named: string | null): Hierarchy[] {
  const available = wordsIn(join(own, 'cgroup.controllers'));
  const hasControllers = CONTROLLERS.some((controller) => available.includes(controller));
  const folder = named ?? (hasControllers ? delegatedGroup(own) : own);
  return folder === null ? [] : [{ version: 2, folder, controllers: hasControllers ? enabledIn(folder) : [] }];
}

/** Only the root of the whole tree lacks this file; it alone may have processes beside groups. */
function delegatedGroup(own: string): string | null {
  if (!existsSync(join(own, 'cgroup.type'))) return own;
  return /\.(service|scope)$/.test(basename(dirname(own))) ? dirname(own) : null;
}

/** Lets groups in this folder have the controllers, as far as they can be had. */
function enabledIn(folder: string): Controller[] {
  const control = join(folder, 'cgroup.subtree_control');
  for (const controller of CONTROLLERS) {
    try {
      writeFileSync(control, `+${controller}`);
    } catch {
      // Not delegated, or the group has processes: then it stays out of what is enabled.
    }
  }
  const enabled = wordsIn(control);
  return CONTROLLERS.filter((controller) => enabled.includes(controller));
}

function wordsIn(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split(/\s+/);
  } catch {
    return [];
  }
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** `36 35 98:0 /root /where options … - type source options`; blanks in paths are octal. */
function parseMount(line: string): Mount[] {
  const [before = '', after = ''] = line.split(' - ');
  const [, , , root, at] = before.split(' ');
  const [type, , options] = after.split(' ');
  if (!root || !at || !type) return [];
  return [{ type, root: unescaped(root), at: unescaped(at), options: options?.split(',') ?? [] }];
}

/** `4:memory:/path` for each controller, and `0::/path` of version 2 under ''. */
function parseOwnGroup(line: string): [string, string][] {
  const match = /^\d+:([^:]*):(\/.*)$/.exec(line);
  const [, names, path] = match ?? [];
  return names === undefined || path === undefined ? [] : names.split(',').map((name) => [name, path]);
}

/** The folder of a group, if it lies in what is mounted. */
function placeOf({ root, at }: Mount, group: string | undefined): string | null {
  if (group === undefined) return null;
  const inner = root === '/' ? group : group.slice(root.length);
  if (root !== '/' && group !== root && !group.startsWith(`${root}/`)) return null;
  return resolve(at, `.${inner}`);
}

function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_all, code: string) => String.fromCodePoint(Number.parseInt(code, 8)));
}
