import { Controller, Get, Query, Render, Res } from '@nestjs/common';
import type { Response } from 'express';
import { AuditSearch } from '../../../common/audit/audit-search';
import { Access } from '../../http/access/access.decorator';
import { sendLines } from '../send-lines';
import { auditCsv, auditLines } from './audit-export';
import { AuditPage, type AuditView } from './audit-page.view';
import { readAuditQuery } from './audit-query';

/** Who did what. */
@Controller('admin/audit')
export class AuditController {
  constructor(
    private readonly page: AuditPage,
    private readonly search: AuditSearch,
  ) {}

  @Get()
  @Access('admin')
  @Render('admin/audit')
  show(@Query() query: Record<string, unknown>): Promise<AuditView> {
    return this.page.show(readAuditQuery(query));
  }

  /** All entries of the filter, newest first: `format=csv`, or lines of JSON. */
  @Get('export')
  @Access('admin')
  async export(@Query() query: Record<string, unknown>, @Res() response: Response): Promise<void> {
    const filter = await this.page.filterOf(readAuditQuery(query));
    const isCsv = query['format'] === 'csv';
    const batches = this.search.all(filter);
    await sendLines(response, `audit.${isCsv ? 'csv' : 'jsonl'}`, isCsv ? auditCsv(batches) : auditLines(batches));
  }
}
