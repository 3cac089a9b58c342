import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import type { User } from '../users/user.entity';
import type { EntryPath } from './entry-name';
import { isTaken, underFreeName } from './free-name';
import { SafeDirectory } from './safe-directory';
import { remoteFolder } from './shell-target';

/** The inbox that everybody shares, or the part of it that is one person's. */
export const INBOX_SOURCES = ['inbox', 'own'] as const;
export type InboxSource = (typeof INBOX_SOURCES)[number];

/** How people put a large file where Showrunner finds it. */
export interface InboxPlace {
  source: InboxSource;
  /** Absolute path of the folder. */
  folder: string;
  /** What to type, with `FILE` for the file; null where no pick-up host is configured. */
  scp: string | null;
  /** The same for what is so large that it has to go on after a broken connection. */
  rsync: string | null;
}

export type Person = Pick<User, 'id' | 'kind' | 'email' | 'confirmedMs' | 'inboxMs'>;

/** The folder of the inbox in which those of people are. */
export const PEOPLE = Buffer.from('people');
const DOT = 0x2e;
/** The owner of the folder lists it; all others only pass through, so that addresses are not read from it. */
const PEOPLE_MODE = 0o2711;
/** The group of the inbox, which the log-ins of scp belong to, reads and writes; what is put in stays in that group. */
const OWN_MODE = 0o2770;

/**
 * The inbox: a folder into which people with access to the machine put large inputs. It is read here, and cleaned by the cleaner. Where it
 * is set up so, `people/` holds a folder for each account, which the others never see.
 */
@Injectable()
export class InboxFiles {
  constructor(private readonly config: AppConfig) {}

  /** All of it, with the folders of all people; null when no inbox is configured. For the cleaner. */
  directory(): SafeDirectory | null {
    const folder = this.config.settings.INBOX_DIR;
    return folder === undefined ? null : SafeDirectory.open(folder);
  }

  /**
   * Where the folder of a person lies in the inbox; null for guests, and where people have none of their own. It need not exist. It is
   * called by the address once that has proved to be theirs: anybody may type an address, and an administrator may have made that folder.
   */
  ownPath(person: Person): EntryPath | null {
    const { INBOX_DIR, INBOX_PER_USER } = this.config.settings;
    const { kind, email, confirmedMs, inboxMs } = person;
    if (INBOX_DIR === undefined || !INBOX_PER_USER || kind !== 'account' || email === null) return null;
    return [PEOPLE, confirmedMs === null && inboxMs === null ? nameUntilConfirmed(person.id, email) : ownName(email)];
  }

  /** The part of the inbox that a person reaches; null when there is none. */
  of(source: InboxSource, person: Person): SafeDirectory | null {
    const all = this.directory();
    if (source === 'inbox' || !all) return all;
    const path = this.ownPath(person);
    return path && all.inside(path);
  }

  /** Makes the folder of a person, if it is missing. One that is there keeps its owner and mode: the administrator may have made it. */
  async makeOwn(person: Person): Promise<void> {
    const path = this.ownPath(person);
    const all = this.directory();
    if (!path || !all || (await all.exists(path))) return;
    await all.ensureShared(path.slice(0, 1), PEOPLE_MODE);
    await all.ensureShared(path, OWN_MODE);
  }

  /**
   * Takes the folder of a person along to another name; nothing where there is none. What is in it goes into a folder that has the new
   * name already, with numbers where names are taken.
   * @returns whether it went into such a folder.
   */
  async moveOwn(from: Person, to: Person): Promise<boolean> {
    const [oldPath, newPath] = [this.ownPath(from), this.ownPath(to)];
    const all = this.directory();
    if (!all || !oldPath || !newPath || oldPath[1].equals(newPath[1]) || !(await all.exists(oldPath))) return false;
    try {
      await all.move(oldPath, newPath);
      return false;
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
    await mergeFolder(all, oldPath, newPath);
    return true;
  }

  /** How a person brings files: into their own folder, where they have one, and into the one that all share. */
  placesOf(person: Person): InboxPlace[] {
    const { INBOX_DIR: folder } = this.config.settings;
    if (folder === undefined) return [];
    const own = this.ownPath(person);
    const shared = this.place('inbox', folder);
    return own ? [this.place('own', join(folder, ...own.map(String))), shared] : [shared];
  }

  private place(source: InboxSource, folder: string): InboxPlace {
    const { PICKUP_HOST: host } = this.config.settings;
    const target = host === undefined ? null : remoteFolder(host, folder);
    return {
      source,
      folder,
      scp: target && `scp FILE ${target}`,
      rsync: target && `rsync -aP --partial FILE ${target}`,
    };
  }
}

/**
 * What pages never show and runs never get: the folders of people in the part that all share, whether or not they are still in use, and
 * what begins with a dot, since the inbox may be somebody's home.
 */
export function isHiddenInInbox(source: InboxSource, path: EntryPath): boolean {
  const first = path[0];
  return first !== undefined && (first[0] === DOT || (source === 'inbox' && first.equals(PEOPLE)));
}

/** Empties a folder into another one, and removes it. What is put into it in the meantime stays where it is. */
async function mergeFolder(all: SafeDirectory, from: EntryPath, to: EntryPath): Promise<void> {
  const { entries } = await all.list(from, { limit: Number.MAX_SAFE_INTEGER });
  for (const { name } of entries) await underFreeName(name, (free) => all.move([...from, name], [...to, free]));
  await all.removeEmpty(from);
}

/** No address is called so: it has a sign that none of these folders has otherwise. */
function nameUntilConfirmed(id: string, email: string): Buffer {
  return Buffer.concat([ownName(email), Buffer.from(`=${createHash('sha256').update(`inbox of ${id}`).digest('hex').slice(0, 8)}`)]);
}

/** Of the e-mail address, which nobody shares. What a shell or a file name could stumble over is replaced, and then told apart by a hash. */
function ownName(email: string): Buffer {
  const plain = email.replaceAll(/[^a-z0-9@._+-]/g, '_').replace(/^[.-]/, '_');
  if (plain === email) return Buffer.from(plain);
  return Buffer.from(`${plain}-${createHash('sha256').update(email).digest('hex').slice(0, 8)}`);
}
