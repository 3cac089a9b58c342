import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { dialectOf, NOW_MS, type Dialect } from '../database/dialect';
import { OwnerTransactions } from '../database/owner-transactions';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import type { SpaceDetails } from './space-details';
import { SpaceReservation, SpaceUsage, type ReservedFor } from './space.entity';

/** Bytes and regular files. */
export interface Amounts {
  bytes: number;
  files: number;
}

export interface NewReservation {
  id: string;
  ownerId: string;
  projectId: string;
  what: ReservedFor;
  asked: Amounts;
  /** How long it counts unless it is renewed, in milliseconds. */
  forMs: number;
}

/** What the database knows of the space of one owner, at one moment. */
export interface SpaceFigures {
  used: Amounts;
  reserved: Amounts;
  projects: number;
  version: number;
  /** 0: never. */
  measuredMs: number;
  nowMs: number;
  /** When one of the owner's latest runs ended last; 0: none has. */
  lastEndMs: number;
}

/** Among how many of the owner's newest runs the last end is looked for: a person may have very many. */
const LATEST_RUNS = 200;

/** The rows about space. Everything that decides or counts is one `OwnerTransactions` step. */
@Injectable()
export class SpaceRepository {
  private readonly sql: ReturnType<typeof statementsFor>;
  private readonly now: string;

  constructor(
    @InjectRepository(SpaceUsage) private readonly usage: Repository<SpaceUsage>,
    @InjectRepository(SpaceReservation) private readonly reservations: Repository<SpaceReservation>,
    private readonly transactions: OwnerTransactions,
  ) {
    const dialect = dialectOf(usage.manager.connection.options);
    this.sql = statementsFor(dialect);
    this.now = NOW_MS[dialect];
  }

  async figuresOf(ownerId: string): Promise<SpaceFigures> {
    const rows = await this.usage.query<Record<string, number | string | null>[]>(this.sql.figures, Array<string>(7).fill(ownerId));
    const number = (name: string) => Number(rows[0]?.[name] ?? 0);
    return {
      used: { bytes: number('used_bytes'), files: number('used_files') },
      reserved: { bytes: number('reserved_bytes'), files: number('reserved_files') },
      projects: number('projects'),
      version: number('version'),
      measuredMs: number('measured_ms'),
      nowMs: number('now_ms'),
      lastEndMs: number('last_end_ms'),
    };
  }

  /**
   * Notes the reservation if it fits together with what is used and what is reserved otherwise; a live one of the same id that asks for no
   * more than before is prolonged in any case.
   * @param most null: no limit.
   */
  async reserve({ id, ownerId, projectId, what, asked, forMs }: NewReservation, most: { bytes: number | null; files: number | null }) {
    const values = { id, projectId, what, ...asked, forMs: Math.ceil(forMs), mostBytes: most.bytes, mostFiles: most.files };
    const [changed = 0] = await this.transactions.run(ownerId, [this.sql.reserve], values);
    return changed > 0;
  }

  findReservation(id: string): Promise<SpaceReservation | null> {
    return this.reservations.findOneBy({ id });
  }

  /** All that count now, of everybody. */
  findLive(): Promise<SpaceReservation[]> {
    return this.reservations.createQueryBuilder('reservation').where(`reservation.expires_ms > ${this.now}`).getMany();
  }

  findLiveOf(ownerId: string): Promise<SpaceReservation[]> {
    return this.reservations
      .createQueryBuilder('reservation')
      .where(`reservation.owner_id = :ownerId AND reservation.expires_ms > ${this.now}`, { ownerId })
      .orderBy('reservation.created_ms')
      .getMany();
  }

  /** Turns a reservation into used space. Asked twice, it does it once. */
  async settle({ id, ownerId }: Pick<SpaceReservation, 'id' | 'ownerId'>, real: Amounts): Promise<void> {
    await this.transactions.run(ownerId, [this.sql.use, this.sql.drop], { id, ...real });
  }

  /** Turns a part of a reservation into used space; the rest stays reserved. */
  async settlePart({ id, ownerId }: Pick<SpaceReservation, 'id' | 'ownerId'>, real: Amounts): Promise<void> {
    await this.transactions.run(ownerId, [this.sql.use, this.sql.shrink], { id, ...real });
  }

  async release(id: string): Promise<void> {
    await repeatWhileBusy(() => this.reservations.delete({ id }));
  }

  async add(ownerId: string, change: Amounts): Promise<void> {
    await this.transactions.run(ownerId, [this.sql.add], { ...change });
  }

  /** Writes what was measured, unless the figures changed since that version. @returns whether it did. */
  async correct(ownerId: string, measured: Amounts, largest: Omit<SpaceDetails, 'version'>, version: number): Promise<boolean> {
    const details: SpaceDetails = { ...largest, version: version + 1 };
    const values = { ...measured, details: JSON.stringify(details), atVersion: version };
    const [changed = 0] = await this.transactions.run(ownerId, [this.sql.correct], values);
    return changed > 0;
  }

  /** What was last measured; null: nothing yet. */
  async detailsOf(ownerId: string): Promise<SpaceDetails | null> {
    const row = await this.usage.findOne({ select: { details: true }, where: { ownerId } });
    return row === null || row.details === '' ? null : (JSON.parse(row.details) as SpaceDetails);
  }

  /** Writes measured figures over ones that changed while they were measured: what came meanwhile may be counted twice, never missed. */
  async correctUpwards(ownerId: string, measured: Amounts, before: Amounts): Promise<void> {
    const values = { ...measured, beforeBytes: before.bytes, beforeFiles: before.files };
    await this.transactions.run(ownerId, [this.sql.correctUpwards], values);
  }
}

const KEPT = 'FROM space_reservations WHERE owner_id = :ownerId AND id <> :id AND expires_ms >';

function statementsFor(dialect: Dialect) {
  const now = NOW_MS[dialect];
  const most = dialect === 'sqlite' ? 'MAX' : 'GREATEST';
  const proposed = (name: string) => (dialect === 'sqlite' ? `excluded.${name}` : `VALUES(${name})`);
  const fits = (name: 'bytes' | 'files', limit: string) =>
    `(${limit} IS NULL OR u.used_${name} + :${name} + (SELECT COALESCE(SUM(${name}), 0) ${KEPT} ${now}) <= ${limit})`;
  return {
    figures: `
      SELECT ${now} AS now_ms,
        (SELECT used_bytes FROM space_usage WHERE owner_id = ?) AS used_bytes,
        (SELECT used_files FROM space_usage WHERE owner_id = ?) AS used_files,
        (SELECT version FROM space_usage WHERE owner_id = ?) AS version,
        (SELECT measured_ms FROM space_usage WHERE owner_id = ?) AS measured_ms,
        (SELECT COUNT(*) FROM projects WHERE owner_id = ?) AS projects,
        (SELECT MAX(finished_ms) FROM (SELECT finished_ms FROM queue WHERE owner_id = ? ORDER BY id DESC LIMIT ${LATEST_RUNS}) latest)
          AS last_end_ms,
        reserved.bytes AS reserved_bytes, reserved.files AS reserved_files
      FROM (
        SELECT COALESCE(SUM(bytes), 0) AS bytes, COALESCE(SUM(files), 0) AS files
        FROM space_reservations WHERE owner_id = ? AND expires_ms > ${now}
      ) reserved`,
    reserve: `
      INSERT INTO space_reservations (id, owner_id, project_id, what, bytes, files, renewals, created_ms, expires_ms)
      SELECT :id, :ownerId, :projectId, :what, :bytes, :files, 0, ${now}, ${now} + :forMs FROM space_usage u
      WHERE u.owner_id = :ownerId AND (
        (${fits('bytes', ':mostBytes')} AND ${fits('files', ':mostFiles')})
        OR EXISTS (SELECT 1 FROM space_reservations own
          WHERE own.id = :id AND own.expires_ms > ${now} AND own.bytes >= :bytes AND own.files >= :files))
      ${dialect === 'sqlite' ? 'ON CONFLICT (id) DO UPDATE SET' : 'ON DUPLICATE KEY UPDATE'}
        bytes = ${proposed('bytes')}, files = ${proposed('files')}, expires_ms = ${proposed('expires_ms')},
        renewals = space_reservations.renewals + 1`,
    use: `
      UPDATE space_usage SET used_bytes = used_bytes + :bytes, used_files = used_files + :files, version = version + 1
      WHERE owner_id = :ownerId AND EXISTS (SELECT 1 FROM space_reservations r WHERE r.id = :id)`,
    shrink: `
      UPDATE space_reservations SET bytes = ${most}(0, bytes - :bytes), files = ${most}(0, files - :files) WHERE id = :id`,
    drop: 'DELETE FROM space_reservations WHERE id = :id',
    add: `
      UPDATE space_usage SET used_bytes = ${most}(0, used_bytes + :bytes), used_files = ${most}(0, used_files + :files),
        version = version + 1
      WHERE owner_id = :ownerId`,
    correct: `
      UPDATE space_usage SET used_bytes = :bytes, used_files = :files, version = version + 1, measured_ms = ${now},
        details = :details
      WHERE owner_id = :ownerId AND version = :atVersion`,
    correctUpwards: `
      UPDATE space_usage SET used_bytes = :bytes + ${most}(0, used_bytes - :beforeBytes),
        used_files = :files + ${most}(0, used_files - :beforeFiles), version = version + 1, measured_ms = ${now}
      WHERE owner_id = :ownerId`,
  };
}
