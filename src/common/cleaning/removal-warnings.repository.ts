import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, IsNull, LessThan, MoreThan, type Repository } from 'typeorm';
import { dialectOf, NOW_MS } from '../database/dialect';
import { OwnerTransactions } from '../database/owner-transactions';
import { inParts } from '../database/in-parts';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import { Mail } from '../mail/mail.entity';
import { NEVER_MS } from '../database/never';
import type { WrittenMail } from '../mail/run-mails';
import { Run } from '../queue/run.entity';
import { RemovalWarning } from './removal-warning.entity';

/** A warning as it is written, with its mail and the runs that it is about. */
export interface NewWarning extends Pick<RemovalWarning, 'id' | 'tokenHash' | 'ownerId'> {
  recipient: string;
  mail: WrittenMail;
  runIds: readonly number[];
  /** By the database's clock. */
  nowMs: number;
  /** How long its link works. */
  lifeMs: number;
}

/** Which mails told of which runs. Time is the database's. */
@Injectable()
export class RemovalWarningsRepository {
  private readonly now: string;

  constructor(
    @InjectRepository(RemovalWarning) private readonly warnings: Repository<RemovalWarning>,
    @InjectRepository(Run) private readonly runs: Repository<Run>,
    @InjectRepository(Mail) private readonly mails: Repository<Mail>,
    private readonly transactions: OwnerTransactions,
  ) {
    this.now = NOW_MS[dialectOf(warnings.manager.connection.options)];
  }

  /** The warning, its mail and the mark on its runs, all or nothing: so nobody gets two mails about one thing, and nothing goes without one. */
  async write({ id, tokenHash, ownerId, recipient, mail, runIds, nowMs, lifeMs }: NewWarning): Promise<void> {
    const ids = runIds.map((runId) => Math.trunc(runId)).join(', ');
    await this.transactions.run(
      ownerId,
      [
        `INSERT INTO removal_warnings (id, token_hash, owner_id, created_ms, expires_ms)
         VALUES (:id, :tokenHash, :ownerId, :nowMs, :nowMs + ${Math.trunc(lifeMs)})`,
        `UPDATE queue SET warned_ms = :nowMs, warning_id = :id WHERE id IN (${ids}) AND doomed_ms IS NULL`,
        `INSERT INTO mails (run_id, kind, attempt, recipient, subject, text_body, html_body, created_ms, next_try_ms, tries, warning_id)
         VALUES (NULL, 'expiring', 0, :recipient, :subject, :textBody, :htmlBody, :nowMs, :nowMs, 0, :id)`,
      ],
      { id, tokenHash, recipient, nowMs, ...mail },
    );
  }

  /** Those whose mail the server took, or nobody tries to send any more, or that was taken out of the outbox by hand. */
  async delivered(ids: readonly string[]): Promise<Set<string>> {
    const open = new Set((await this.unsent(ids)).filter(({ nextTryMs }) => nextTryMs < NEVER_MS).map(({ warningId }) => warningId));
    return new Set(ids.filter((id) => !open.has(id)));
  }

  /** Those whose mail nobody tries to send any more, although the server never took it. */
  async givenUp(ids: readonly string[]): Promise<Set<string>> {
    return new Set((await this.unsent(ids)).flatMap(({ warningId, nextTryMs }) => (nextTryMs < NEVER_MS ? [] : (warningId ?? []))));
  }

  /** Who was told of something since then. */
  async ownersWarnedSince(sinceMs: number): Promise<Set<string>> {
    const warnings = await this.warnings.find({ select: { id: true, ownerId: true }, where: { createdMs: MoreThan(sinceMs) } });
    return new Set(warnings.map(({ ownerId }) => ownerId));
  }

  /** Null where there is none, or its time is over. */
  async findLive(tokenHash: string): Promise<RemovalWarning | null> {
    return this.warnings.createQueryBuilder('warning').where({ tokenHash }).andWhere(`warning.expires_ms > ${this.now}`).getOne();
  }

  /** The runs that its mail listed and that are still there. @param projectIds by which they are found: those of its reader. */
  runsOf(id: string, projectIds: readonly string[]): Promise<Run[]> {
    if (projectIds.length === 0) return Promise.resolve([]);
    return this.runs.find({ where: { projectId: In([...projectIds]), warningId: id }, order: { id: 'ASC' }, take: 10_000 });
  }

  countOld(beforeMs: number): Promise<number> {
    return this.warnings.countBy({ expiresMs: LessThan(beforeMs) });
  }

  async deleteOld(beforeMs: number): Promise<void> {
    await repeatWhileBusy(() => this.warnings.delete({ expiresMs: LessThan(beforeMs) }));
  }

  private unsent(ids: readonly string[]): Promise<Pick<Mail, 'warningId' | 'nextTryMs'>[]> {
    const select = { id: true, warningId: true, nextTryMs: true } as const;
    return inParts([...new Set(ids)], (part) => this.mails.find({ select, where: { warningId: In(part), sentMs: IsNull() } }));
  }
}
