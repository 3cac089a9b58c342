import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, type Repository } from 'typeorm';
import { dialectOf, NOW_MS } from '../database/dialect';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import { unlessTaken } from '../database/taken';
import { PipelineSetting } from './pipeline-setting.entity';

/** What is changed of a pipeline, and by whom. */
export type SettingChange = Partial<Pick<PipelineSetting, 'isOff' | 'note' | 'access'>> & Pick<PipelineSetting, 'changedBy'>;

/** The rows of what administrators say of pipelines. */
@Injectable()
export class PipelineSettingsRepository {
  private readonly now: string;

  constructor(@InjectRepository(PipelineSetting) private readonly settings: Repository<PipelineSetting>) {
    this.now = NOW_MS[dialectOf(settings.manager.connection.options)];
  }

  /** By id of the pipeline. */
  async all(): Promise<Map<string, PipelineSetting>> {
    return new Map((await this.settings.find()).map((setting) => [setting.pipelineId, setting]));
  }

  find(pipelineId: string): Promise<PipelineSetting | null> {
    return this.settings.findOneBy({ pipelineId });
  }

  /** What was said of one is said of another, of which nothing was said. @returns false where something was. */
  async copy(fromId: string, toId: string, changedBy: string): Promise<boolean> {
    await repeatWhileBusy(() => this.settings.delete({ pipelineId: toId, isOff: false, access: IsNull() }));
    return unlessTaken(() =>
      this.settings.query(
        `INSERT INTO pipeline_settings (pipeline_id, is_off, note, access, changed_by, changed_ms)
         SELECT ?, is_off, note, access, ?, ${this.now} FROM pipeline_settings WHERE pipeline_id = ?`,
        [toId, changedBy, fromId],
      ),
    );
  }

  /** Whether administrators know that its pipeline is gone. */
  async setGone(pipelineId: string, isGone: boolean): Promise<void> {
    const goneMs = isGone ? () => this.now : null;
    await repeatWhileBusy(() => this.settings.update({ pipelineId }, { goneMs }));
  }

  async change(pipelineId: string, change: SettingChange): Promise<void> {
    const fresh = { pipelineId, isOff: false, note: '', access: null, changedBy: change.changedBy, changedMs: () => this.now };
    await repeatWhileBusy(() =>
      this.settings
        .createQueryBuilder()
        .insert()
        .orIgnore()
        .values(fresh as object)
        .execute(),
    );
    await repeatWhileBusy(() => this.settings.update({ pipelineId }, { ...change, changedMs: () => this.now }));
  }
}
