import { Injectable } from '@nestjs/common';
import { ConflictError, InvalidInputError, NotFoundError } from '../errors';
import { Groups } from '../groups/groups';
import { GroupsRepository } from '../groups/groups.repository';
import { OPEN_TO } from '../pipelines/access';
import { PipelineCatalogue } from '../pipelines/pipeline-catalogue';
import { Newcomers } from './newcomers';
import { PipelineSettingsRepository } from './pipeline-settings.repository';
import type { StoredAccess } from './stored-access';

const MOST_NOTE = 300;
const MOST_NAMED = 500;

/** What administrators say of pipelines, by pages and commands alike. */
@Injectable()
export class PipelineSettings {
  constructor(
    private readonly rows: PipelineSettingsRepository,
    private readonly catalogue: PipelineCatalogue,
    private readonly groups: Groups,
    private readonly groupRows: GroupsRepository,
    private readonly newcomers: Newcomers,
  ) {}

  /** Nothing new is asked for from now on. @param note for people. @throws InvalidInputError for the field `note`; NotFoundError. */
  async switchOff(id: string, note: string, changedBy: string): Promise<void> {
    await this.require(id);
    await this.rows.change(id, { isOff: true, note: this.noteOf(note), changedBy });
  }

  /** @returns what is told to people. @throws InvalidInputError for the field `note`. */
  noteOf(note: string): string {
    const words = note.normalize('NFC').replace(/\s+/g, ' ').trim();
    if (words.length > MOST_NOTE) throw new InvalidInputError('pipelineSettings.noteTooLong', { most: MOST_NOTE }, 'note');
    return words;
  }

  async switchOn(id: string, changedBy: string): Promise<void> {
    await this.require(id);
    await this.rows.change(id, { isOff: false, note: '', changedBy });
  }

  /** @param access null: whom the manifest names. */
  async setAccess(id: string, access: StoredAccess | null, changedBy: string): Promise<void> {
    await this.require(id);
    await this.rows.change(id, { access, changedBy });
    await this.newcomers.accept(id);
  }

  /**
   * A pipeline that is not there any more is called otherwise now: what was said of it is said of that one, and of its earlier runs as before.
   * @throws NotFoundError; ConflictError where something was said of that one already.
   */
  async renamed(fromId: string, toId: string, changedBy: string): Promise<void> {
    await this.requireLost(fromId);
    await this.require(toId);
    if (!(await this.rows.copy(fromId, toId, changedBy))) throw new ConflictError('pipelineSettings.saidAlready', { id: toId });
    await this.newcomers.accept(toId);
    await this.rows.setGone(fromId, true);
  }

  /** A pipeline of which something was said is not there any more, under no name. @throws NotFoundError */
  async gone(id: string): Promise<void> {
    await this.requireLost(id);
    await this.rows.setGone(id, true);
  }

  /**
   * @param words `everyone`, `accounts` or `administrators`; or names of groups and people.
   * @throws InvalidInputError for the field `who` where one of them means nobody.
   */
  async accessOf(words: readonly string[]): Promise<StoredAccess> {
    const open = words.length === 1 ? OPEN_TO.find((one) => one === words[0]) : undefined;
    if (open) return open;
    const [groups, people]: [string[], string[]] = [[], []];
    for (const word of words.map((one) => one.trim()).filter((one) => one !== '')) {
      const group = word.includes('@') ? null : await this.groupRows.findByName(word);
      if (group) groups.push(group.id);
      else people.push((await this.groups.find(word)).id);
    }
    return this.named(groups, people);
  }

  /** @param access names of groups; addresses and names of people. @throws InvalidInputError as `accessOf`. */
  async accessOfNames(access: { groups: readonly string[]; people: readonly string[] }): Promise<StoredAccess> {
    const groups: string[] = [];
    for (const name of access.groups) {
      const group = await this.groupRows.findByName(name);
      if (!group) throw new InvalidInputError('groups.noSuchGroup', { name: name.slice(0, 80) }, 'who');
      groups.push(group.id);
    }
    return this.named(groups, await this.peopleOf(access.people));
  }

  /** Ids of accounts. @param words addresses and names; empty ones count for nothing. @throws InvalidInputError for the field `who`. */
  async peopleOf(words: readonly string[]): Promise<string[]> {
    const people = await this.groups.findAll(words.map((word) => word.trim()).filter((word) => word !== ''));
    return people.map(({ id }) => id);
  }

  /** @throws InvalidInputError for the field `who` when it names nobody, or too many. */
  named(groups: readonly string[], people: readonly string[]): StoredAccess {
    const access = { groups: [...new Set(groups)], people: [...new Set(people)] };
    const count = access.groups.length + access.people.length;
    if (count === 0) throw new InvalidInputError('pipelineSettings.nobody', {}, 'who');
    if (count > MOST_NAMED) throw new InvalidInputError('pipelineSettings.tooMany', { most: MOST_NAMED }, 'who');
    return access;
  }

  private async requireLost(id: string): Promise<void> {
    if ((await this.rows.find(id)) && !(await this.isThere(id))) return;
    throw new NotFoundError('pipelineSettings.notLost', { id: id.slice(0, 80) });
  }

  private async isThere(id: string): Promise<boolean> {
    return (await this.catalogue.find(id)) !== undefined || (await this.catalogue.broken()).some((one) => one.id === id && id !== '');
  }

  /** @throws NotFoundError where there is no pipeline of that name, faulty or not. */
  async require(id: string): Promise<void> {
    if (!(await this.isThere(id))) throw new NotFoundError('run.noSuchPipeline', { id: id.slice(0, 80) });
  }
}
