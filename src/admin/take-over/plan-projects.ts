import { isIP } from 'node:net';
import { userInfo } from 'node:os';
import { showEntryName } from '../../common/files/entry-name';
import { checkProjectName } from '../../common/projects/project-name';
import type { Found } from './folder-survey';
import type { OldFolder, OldFolders } from './old-folders';
import type { NewOwner, PersonPlan, ProjectPlan, Remark } from './plan';

export interface ProjectRules {
  people: readonly PersonPlan[];
  /** Names of people who are left out, with what their folders may be called. */
  leftOut: ReadonlySet<string>;
  /** Account that gets what guests had; null: nobody. */
  guestsTo: string | null;
  /** Names in a project that its last run has left. */
  results: readonly string[];
  /** Names of projects that an account here has already, by its id. */
  takenNames: ReadonlyMap<string, readonly string[]>;
}

/** Where Showrunner keeps the results of runs, in a project. */
export const RUNS = 'runs';
const MOST_NAME = 200;
const UNFIT = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Surrogate}]/gu;

/** Which folders would become projects, whose and under which name; and what is wrong with the others. */
export function draftProjects(found: OldFolders, rules: ProjectRules): { projects: ProjectPlan[]; remarks: Remark[] } {
  const remarks: Remark[] = [];
  const names = new NewNames(rules.takenNames, remarks);
  const projects: ProjectPlan[] = [];
  const peopleOf = peopleByFolder(rules.people);
  const counts = new Map<string, number>();
  for (const { owner } of found.projects) counts.set(owner.toString('latin1'), (counts.get(owner.toString('latin1')) ?? 0) + 1);
  const owners = new Map(
    found.owners.map((owner): [string, NewOwner | null] => {
      const [name, bytes] = [owner.toString(), owner.toString('latin1')];
      return [bytes, ownerOf(owner, { people: peopleOf.get(name) ?? [], count: counts.get(bytes) ?? 0 }, rules, remarks)];
    }),
  );
  for (const folder of found.projects) {
    const owner = owners.get(folder.owner.toString('latin1'));
    if (!owner) continue;
    const guest = 'accountId' in owner ? `${folder.owner.toString()} ` : '';
    const name = names.give(owner, folder, guest);
    projects.push({ folder, owner, name, ...contentOf(folder, rules.results) });
  }
  for (const { folder } of projects) tellOfContent(folder, remarks);
  tellOfRights(found, projects, remarks);
  for (const path of found.strays) {
    const sentence = `${shown(path)} is no folder but a file or a link. It stays where it is: move what it stands for to its place, where it is somebody's.`;
    remarks.push({ level: 'left', kind: 'stray', sentence });
  }
  return { projects, remarks };
}

function peopleByFolder(people: readonly PersonPlan[]): Map<string, PersonPlan[]> {
  const byFolder = new Map<string, PersonPlan[]>();
  for (const person of people) for (const folder of person.folders) byFolder.set(folder, [...(byFolder.get(folder) ?? []), person]);
  return byFolder;
}

/** With who may be meant by the name of the folder, and how many projects are in it. */
function ownerOf(
  owner: Buffer,
  { people, count }: { people: readonly PersonPlan[]; count: number },
  rules: ProjectRules,
  remarks: Remark[],
): NewOwner | null {
  const name = owner.toString();
  const left = (kind: string, why: string) => {
    if (count > 0) remarks.push({ level: 'left', kind, sentence: `${shown([owner])} with ${projectsInWords(count)}: ${why}` });
    return null;
  };
  if (people.length > 1) return left('two owners', `it may be of ${people.map((one) => `${one.name} (id ${one.key})`).join(' or ')}.`);
  const [person] = people;
  if (person) return { key: person.key };
  if (rules.leftOut.has(name)) return left('owner left out', 'its person is not taken over, see above.');
  if (!isGuest(name)) return left('folder without row', 'the table of people has nobody of this name or id.');
  if (rules.guestsTo !== null) return { accountId: rules.guestsTo };
  return left('guest', 'it is of a guest, known by an address of the network. --guests-to=you@lab.org gives it to that account.');
}

/** Addresses stand in names of folders with other signs between their parts, too. */
export function isGuest(name: string): boolean {
  const bare = name.replace(/^(guest|ip)[_-]?/i, '');
  return [bare, bare.replaceAll(/[_-]/g, '.'), bare.replaceAll(/[_-]/g, ':')].some((address) => isIP(address) !== 0);
}

function contentOf({ survey }: OldFolder, results: readonly string[]): Pick<ProjectPlan, 'inTheWay' | 'results' | 'resultsMs'> {
  const isRuns = (name: Buffer) => name.toString() === RUNS;
  const left = survey.top.filter(({ name }) => results.includes(name.toString()) && !isRuns(name));
  const inTheWay = survey.top.find(({ name }) => isRuns(name));
  const times = left.flatMap(({ newestMs, oldestMs }) => [newestMs, oldestMs]).map(Math.round);
  return {
    inTheWay: inTheWay?.inode ?? null,
    results: left.map(({ name }) => name),
    resultsMs: left.length === 0 ? null : { newest: Math.max(...times), oldest: Math.min(...times) },
  };
}

/** Gives each project a name that its owner has once. */
class NewNames {
  private readonly given = new Map<string, Set<string>>();

  constructor(
    private readonly taken: ReadonlyMap<string, readonly string[]>,
    private readonly remarks: Remark[],
  ) {}

  give(owner: NewOwner, folder: OldFolder, before: string): string {
    const whose = 'key' in owner ? `key ${owner.key}` : `id ${owner.accountId}`;
    const names = this.given.get(whose) ?? new Set(this.taken.get(whose));
    this.given.set(whose, names);
    const wanted = fitName(folder.name, before);
    const where = shown([folder.owner, folder.name]);
    if (wanted.isChanged) this.note('name', `${where} has a name that no project can have; it is called “${wanted.name}” here.`);
    const alike = [...names].find((name) => name !== wanted.name && name.toLowerCase() === wanted.name.toLowerCase());
    if (alike !== undefined)
      this.note('case of projects', `${where} and “${alike}” differ only in capitals; both are projects of their own.`);
    const name = freeName(wanted.name, names);
    if (name !== wanted.name) this.note('taken name', `${where} is called “${name}” here: “${wanted.name}” is taken.`);
    names.add(name);
    return name;
  }

  private note(kind: string, sentence: string): void {
    this.remarks.push({ level: 'note', kind, sentence });
  }
}

function fitName(bytes: Buffer, before: string): { name: string; isChanged: boolean } {
  const text = bytes.toString();
  try {
    const name = checkProjectName(before + text);
    if (Buffer.from(text).equals(bytes) && name === (before + text).normalize('NFC')) return { name, isChanged: false };
  } catch {
    // Made fit below.
  }
  const fit = (before + text).normalize('NFC').replace(UNFIT, '\u{fffd}').trim().slice(0, MOST_NAME).trim();
  try {
    return { name: checkProjectName(fit), isChanged: true };
  } catch {
    return { name: `Project ${bytes.toString('hex').slice(0, 16)}`, isChanged: true };
  }
}

function freeName(wanted: string, taken: ReadonlySet<string>): string {
  for (let number = 2, name = wanted; ; number += 1) {
    if (!taken.has(name)) return name;
    name = `${wanted.slice(0, MOST_NAME - 8)} (${number})`;
  }
}

/** What is in a folder that behaves otherwise here. */
function tellOfContent({ owner, name, survey }: OldFolder, remarks: Remark[]): void {
  const where = shown([owner, name]);
  const tell = (found: Found, kind: string, words: string) => {
    if (found.count === 0) return;
    const more = found.count > found.examples.length ? ' …' : '';
    remarks.push({ level: 'note', kind, sentence: `${where}: ${words} (${found.count}: ${found.examples.join(', ')}${more}).` });
  };
  tell(survey.leaving, 'links', 'links that lead out of the folder are shown, and neither followed nor downloaded');
  tell(survey.odd, 'odd', 'what is neither a file nor a folder is listed, and can only be deleted');
  tell(survey.twice, 'twice', 'files with a second name (hard links) are not opened by any page; copy each over itself to mend it');
  tell(survey.deep, 'deep', 'folders so deep were not looked at');
  if (survey.top.some((entry) => entry.name.toString() === RUNS)) {
    remarks.push({
      level: 'note',
      kind: 'runs',
      sentence: `${where}: “${RUNS}” gets another name, because results of runs lie there here.`,
    });
  }
}

/** One sentence for all: it is one command that mends it. */
function tellOfRights({ root, closed }: OldFolders, projects: readonly ProjectPlan[], remarks: Remark[]): void {
  const shut = closed.map(shown);
  for (const { folder } of projects) {
    const where = shown([folder.owner, folder.name]);
    if (!folder.isMovable) shut.push(where);
    shut.push(...folder.survey.closed.examples.map((path) => `${where}/${path}`));
  }
  if (shut.length === 0) return;
  const count = projects.reduce((sum, { folder }) => sum + folder.survey.closed.count + (folder.isMovable ? 0 : 1), closed.length);
  const username = userName();
  remarks.push({
    level: 'stop',
    kind: 'rights',
    sentence: `${count} files and folders may not be read or changed by ${username}, as whom this command runs: ${shut.slice(0, 3).join(', ')}${count > 3 ? ' …' : ''}. Run it as the user of the web process and the runners, and give everything to that user first, as root: chown -R ${username}: ${root}`,
  });
}

/** Containers may run as a number that no name belongs to. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.());
  }
}

export function shown(path: readonly Buffer[]): string {
  return path.map(showEntryName).join('/');
}

export function projectsInWords(count: number): string {
  return `${count} ${count === 1 ? 'project' : 'projects'}`;
}
