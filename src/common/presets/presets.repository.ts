import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, IsNull, type Repository } from 'typeorm';
import { dialectOf, NOW_MS } from '../database/dialect';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import { UNDO_MS } from '../undo-time';
import { Preset } from './preset.entity';

export type NewPreset = Omit<Preset, 'changedMs' | 'deletedMs'>;

/** Numbers in one IN list. */
const MOST_AT_ONCE = 500;

/** The rows of presets. */
@Injectable()
export class PresetsRepository {
  private readonly now: string;
  private readonly upsert: string;

  constructor(@InjectRepository(Preset) private readonly presets: Repository<Preset>) {
    const dialect = dialectOf(presets.manager.connection.options);
    this.now = NOW_MS[dialect];
    const onDuplicate =
      dialect === 'sqlite'
        ? 'ON CONFLICT (owner_id, pipeline_id, name) DO UPDATE SET id = excluded.id, entries = excluded.entries, changed_ms = excluded.changed_ms, deleted_ms = NULL'
        : 'ON DUPLICATE KEY UPDATE id = VALUES(id), entries = VALUES(entries), changed_ms = VALUES(changed_ms), deleted_ms = NULL';
    this.upsert = `INSERT INTO presets (id, owner_id, pipeline_id, name, entries, changed_ms) VALUES (?, ?, ?, ?, ?, ${this.now}) ${onDuplicate}`;
  }

  /** By name. */
  ofPerson(ownerId: string, pipelineId: string): Promise<Preset[]> {
    return this.presets.find({ where: { ownerId, pipelineId, deletedMs: IsNull() }, order: { name: 'ASC', id: 'ASC' } });
  }

  /** All that somebody keeps, for whatever pipelines. */
  allOf(ownerId: string): Promise<Preset[]> {
    return this.presets.find({ where: { ownerId, deletedMs: IsNull() }, order: { pipelineId: 'ASC', name: 'ASC' } });
  }

  count(ownerId: string): Promise<number> {
    return this.presets.countBy({ ownerId, deletedMs: IsNull() });
  }

  /** One of the same name is replaced, be it deleted or not: it goes by the new id from then on. */
  async put({ id, ownerId, pipelineId, name, entries }: NewPreset): Promise<void> {
    await repeatWhileBusy(() => this.presets.query(this.upsert, [id, ownerId, pipelineId, name, JSON.stringify(entries)]));
  }

  find(ownerId: string, id: string): Promise<Preset | null> {
    return this.presets.findOneBy({ ownerId, id, deletedMs: IsNull() });
  }

  /** Of people who are gone, and those that were deleted. */
  async useless(): Promise<string[]> {
    const rows = await this.presets.query<{ id: string }[]>(
      `SELECT p.id AS id FROM presets p WHERE p.deleted_ms <= ${this.now} - ${UNDO_MS}
       OR NOT EXISTS (SELECT 1 FROM users u WHERE u.id = p.owner_id)`,
    );
    return rows.map(({ id }) => id);
  }

  async deleteAll(ids: readonly string[]): Promise<void> {
    for (let index = 0; index < ids.length; index += MOST_AT_ONCE) {
      await repeatWhileBusy(() => this.presets.delete({ id: In(ids.slice(index, index + MOST_AT_ONCE)) }));
    }
  }

  /** @returns whether there was one. */
  async delete(ownerId: string, id: string): Promise<boolean> {
    const change = { deletedMs: () => this.now };
    const { affected } = await repeatWhileBusy(() => this.presets.update({ ownerId, id, deletedMs: IsNull() }, change));
    return (affected ?? 0) > 0;
  }

  /** Brings one back that was deleted a short while ago. @returns whether it is there now. */
  async restore(ownerId: string, id: string): Promise<boolean> {
    const update = this.presets.createQueryBuilder().update().set({ deletedMs: null }).where({ ownerId, id });
    await repeatWhileBusy(() => update.andWhere(`deleted_ms > ${this.now} - ${UNDO_MS}`).execute());
    return (await this.find(ownerId, id)) !== null;
  }
}
