import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InvalidInputError, LimitError } from '../../common/errors';
import type { Manifest, Parameter } from '../../common/pipelines/manifest';
import { asEntries, type Entered } from '../../common/pipelines/parameters';
import { PresetsRepository } from '../../common/presets/presets.repository';
import type { User } from '../../common/users/user.entity';

/** Values under a name, for the menu of a form. */
export interface PresetLine {
  id: string;
  title: string;
  isChosen: boolean;
  /** Kept by the person, and not by the pipeline. */
  isOwn: boolean;
}

const MOST_PER_PERSON = 200;
const MOST_NAME = 100;
/** What a row holds in either database. */
const MOST_STORED_BYTES = 60_000;
const OF_PIPELINE = /^pipeline-(\d{1,3})$/;

/** Values of a form that its pipeline offers, or that a person keeps: for any project, so without files and runs. */
@Injectable()
export class FormPresets {
  constructor(private readonly presets: PresetsRepository) {}

  /** Those of the pipeline first. @param chosen id of the one that the form is filled with. */
  async list({ id: ownerId }: User, { id, presets = [] }: Manifest, chosen: string | null): Promise<PresetLine[]> {
    const own = await this.presets.ofPerson(ownerId, id);
    return [
      ...presets.map(({ title }, index) => ({ id: `pipeline-${index}`, title, isOwn: false })),
      ...own
        .sort((one, other) => one.name.localeCompare(other.name, 'en', { numeric: true }))
        .map((preset) => ({ id: preset.id, title: preset.name, isOwn: true })),
    ].map((line) => ({ ...line, isChosen: line.id === chosen }));
  }

  /** @returns what the fields hold; null where there is no such preset (any more). */
  async entriesOf({ id: ownerId }: User, manifest: Manifest, asked: unknown): Promise<{ id: string; entered: Entered } | null> {
    if (typeof asked !== 'string' || asked === '') return null;
    const ofPipeline = manifest.presets?.[Number(OF_PIPELINE.exec(asked)?.[1] ?? -1)];
    if (ofPipeline) return { id: asked, entered: asEntries(manifest.parameters, ofPipeline.values) };
    const own = await this.presets.find(ownerId, asked.slice(0, 36));
    return own?.pipelineId === manifest.id ? { id: own.id, entered: asEntries(manifest.parameters, own.entries) } : null;
  }

  /**
   * Keeps what was entered; a preset of the same name is replaced.
   * @returns its id. @throws InvalidInputError for the field `name`; LimitError where there are too many, or too much is in it.
   */
  async keep({ id: ownerId }: User, { id: pipelineId, parameters }: Manifest, givenName: string, entered: Entered): Promise<string> {
    const name = givenName.normalize('NFC').trim();
    if (name === '' || name.length > MOST_NAME) throw new InvalidInputError('run.presetName', { most: MOST_NAME }, 'name');
    const entries = Object.fromEntries(
      parameters.flatMap((parameter) => {
        const entry = portable(parameter, Object.hasOwn(entered, parameter.name) ? entered[parameter.name] : undefined);
        return entry === undefined ? [] : [[parameter.name, entry]];
      }),
    );
    if (Buffer.byteLength(JSON.stringify(entries)) > MOST_STORED_BYTES) throw new LimitError('run.presetTooLarge');
    const isKnown = (await this.presets.ofPerson(ownerId, pipelineId)).find((preset) => preset.name === name);
    if (!isKnown && (await this.presets.count(ownerId)) >= MOST_PER_PERSON)
      throw new LimitError('run.presetsFull', { most: MOST_PER_PERSON });
    const id = isKnown?.id ?? randomUUID();
    await this.presets.put({ id, ownerId, pipelineId, name, entries });
    return id;
  }

  /** @returns whether there was one. */
  remove({ id: ownerId }: User, id: string): Promise<boolean> {
    return this.presets.delete(ownerId, id.slice(0, 36));
  }

  /** Undoes `remove`, unless it was long ago or another one took the name. @returns whether it is there now. */
  restore({ id: ownerId }: User, id: string): Promise<boolean> {
    return this.presets.restore(ownerId, id.slice(0, 36));
  }
}

/** What a preset of these values leaves out, files above all. */
export function notKept({ parameters }: Pick<Manifest, 'parameters'>, entered: Entered): Entered {
  const left = parameters
    .filter(({ name }) => Object.hasOwn(entered, name))
    .filter((parameter) => {
      const entry = entered[parameter.name];
      return JSON.stringify(portable(parameter, entry)) !== JSON.stringify(entry);
    });
  return Object.fromEntries(left.map(({ name }) => [name, entered[name] ?? '']));
}

/** What means the same in another project; undefined for files and runs. */
function portable(parameter: Parameter, entry: Entered[string] | undefined): Entered[string] | undefined {
  const { type } = parameter;
  if (entry === undefined || type === 'file' || type === 'files' || type === 'run' || type === 'constant') return undefined;
  if (type !== 'table' || typeof entry === 'string') return entry;
  const files = new Set(parameter.columns.filter((column) => column.type === 'file').map(({ name }) => name));
  const rows = entry.filter((row) => typeof row !== 'string');
  return rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => !files.has(name))));
}
