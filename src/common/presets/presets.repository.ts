import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, type Repository } from 'typeorm';
import { dialectOf, NOW_MS } from '../database/dialect';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import { Preset } from './preset.entity';

export type NewPreset = Omit<Preset, 'changedMs'>;

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
        ? 'ON CONFLICT (owner_id, pipeline_id, name) DO UPDATE SET entries = excluded.entries, changed_ms = excluded.changed_ms'
        : 'ON DUPLICATE KEY UPDATE entries = VALUES(entries), changed_ms = VALUES(changed_ms)';
    this.upsert = `INSERT INTO presets (id, owner_id, pipeline_id, name, entries, changed_ms) VALUES (?, ?, ?, ?, ?, ${this.now}) ${onDuplicate}`;
  }

  /** By name. */
  ofPerson(ownerId: string, pipelineId: string): Promise<Preset[]> {
    return this.presets.find({ where: { ownerId, pipelineId }, order: { name: 'ASC', id: 'ASC' } });
  }

  count(ownerId: string): Promise<number> {
    return this.presets.countBy({ ownerId });
  }

  /** One of the same name is replaced. */
  async put({ id, ownerId, pipelineId, name, entries }: NewPreset): Promise<void> {
    await repeatWhileBusy(() => this.presets.query(this.upsert, [id, ownerId, pipelineId, name, JSON.stringify(entries)]));
  }

  find(ownerId: string, id: string): Promise<Preset | null> {
    return this.presets.findOneBy({ ownerId, id });
  }

  /** Of people who are gone. */
  async orphans(): Promise<string[]> {
    const rows = await this.presets.query<{ id: string }[]>(
      'SELECT p.id AS id FROM presets p WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.id = p.owner_id)',
    );
    return rows.map(({ id }) => id);
  }

  async deleteAll(ids: readonly string[]): Promise<void> {
    for (let index = 0; index < ids.length; index += MOST_AT_ONCE) {
      await repeatWhileBusy(() => this.presets.delete({ id: In(ids.slice(index, index + MOST_AT_ONCE)) }));
    }
  }

  async delete(ownerId: string, id: string): Promise<void> {
    await repeatWhileBusy(() => this.presets.delete({ ownerId, id }));
  }
}
