import { Controller, Get, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { UnclearError } from '../../../common/errors';
import { AUDIT_KINDS, AUDIT_OUTCOMES } from '../../../common/audit/audit-entry.entity';
import { auditRecord } from '../../../common/audit/audit-lines';
import { AuditSearch } from '../../../common/audit/audit-search';
import { AuditRepository, type AuditFilter } from '../../../common/audit/audit.repository';
import { auditCsv, auditLines } from '../../admin/audit/audit-export';
import { sendLines } from '../../admin/send-lines';
import { Access } from '../../http/access/access.decorator';
import { API_ROOT } from '../contract/api-route';
import { Api, ApiQuery } from '../contract/api.decorator';
import { decodeCursor, encodeCursor, pageOf, pageQuery } from '../contract/paging';
import { says } from '../contract/words';

const FILTERS = {
  action: says(z.string().max(64).optional(), 'apiAdmin.auditAction'),
  person: says(z.string().max(254).optional(), 'apiAdmin.auditPerson'),
  kind: says(z.enum(AUDIT_KINDS).optional(), 'apiAdmin.auditKind'),
  object: says(z.string().max(64).optional(), 'apiAdmin.auditObjectId'),
  outcome: says(z.enum(AUDIT_OUTCOMES).optional(), 'apiAdmin.auditOutcome'),
  since: says(z.iso.datetime().optional(), 'apiAdmin.auditSince'),
  until: says(z.iso.datetime().optional(), 'apiAdmin.auditUntil'),
};
const filterSchema = z.strictObject(FILTERS);
const listQuery = pageQuery(FILTERS);
const exportQuery = z.strictObject({ ...FILTERS, format: says(z.enum(['jsonl', 'csv']).default('jsonl'), 'apiAdmin.auditFormat') });
const listSchema = pageOf(
  z
    .object({
      id: z.int(),
      time: z.iso.datetime(),
      actor: says(z.object({ id: z.string().nullable(), name: z.string() }), 'apiAdmin.auditActor'),
      action: z.string(),
      outcome: z.enum(AUDIT_OUTCOMES),
      object: says(z.object({ kind: z.string(), id: z.string().nullable(), name: z.string() }).nullable(), 'apiAdmin.auditObject'),
      address: says(z.string(), 'apiAdmin.auditAddress'),
      details: says(z.record(z.string(), z.unknown()).nullable(), 'apiAdmin.auditDetails'),
    })
    .meta({ id: 'AuditEntry' }),
);

type ListJson = z.infer<typeof listSchema>;

/** Who changed what, for programs of administrators. */
@Controller(`${API_ROOT}/admin/audit`)
export class ApiAuditController {
  constructor(
    private readonly audit: AuditRepository,
    private readonly search: AuditSearch,
  ) {}

  @Get()
  @Api({ area: 'administration', summary: 'apiAdmin.listAudit', scope: 'admin', query: listQuery, answer: listSchema })
  @Access('admin')
  async list(@ApiQuery() { limit, after, ...filters }: z.infer<typeof listQuery>): Promise<ListJson> {
    const before = decodeCursor(z.int().min(1), after);
    const entries = await this.audit.list(await this.filterOf(filters), before, limit);
    return { items: entries.map(auditRecord), next: entries.length === limit ? encodeCursor(entries.at(-1)!.id) : null };
  }

  @Get('export')
  @Api({
    area: 'administration',
    summary: 'apiAdmin.exportAudit',
    scope: 'admin',
    query: exportQuery,
    answer: { type: 'application/octet-stream', says: 'apiAdmin.auditFile' },
  })
  @Access('admin')
  async export(@ApiQuery() { format, ...filters }: z.infer<typeof exportQuery>, @Res() response: Response): Promise<void> {
    const batches = this.search.all(await this.filterOf(filters));
    await sendLines(response, `audit.${format}`, format === 'csv' ? auditCsv(batches) : auditLines(batches));
  }

  private async filterOf({ action, person, kind, object, outcome, since, until }: z.infer<typeof filterSchema>): Promise<AuditFilter> {
    if (object !== undefined && kind === undefined) throw new UnclearError('apiAdmin.objectWithoutKind');
    const actor = await this.search.actorOf(person?.trim() ?? '');
    return {
      ...(actor ? { actor } : {}),
      ...(action === undefined ? {} : { action }),
      ...(kind === undefined ? {} : { object: { kind, ...(object === undefined ? {} : { id: object }) } }),
      ...(outcome === undefined ? {} : { outcome }),
      ...(since === undefined ? {} : { sinceMs: Date.parse(since) }),
      ...(until === undefined ? {} : { untilMs: Date.parse(until) }),
    };
  }
}
