import { Controller, Get, Query, Render, Res } from '@nestjs/common';
import type { Response } from 'express';
import { DiskReport } from '../../../common/disk/disk-report';
import { csvCell } from '../../../common/csv-cell';
import { Access } from '../../http/access/access.decorator';
import { sendLines } from '../send-lines';
import { DiskPage, readDiskQuery, type DiskView } from './disk-page.view';

/** Who uses the disk. */
@Controller('admin/disk')
export class DiskController {
  constructor(
    private readonly page: DiskPage,
    private readonly report: DiskReport,
  ) {}

  @Get()
  @Access('admin')
  @Render('admin/disk')
  show(@Query() query: Record<string, unknown>): Promise<DiskView> {
    return this.page.show(readDiskQuery(query));
  }

  @Get('export')
  @Access('admin')
  export(@Res() response: Response): Promise<void> {
    return sendLines(response, 'disk.csv', csvOf(this.report.allOwners()));
  }
}

async function* csvOf(batches: ReturnType<DiskReport['allOwners']>): AsyncGenerator<string> {
  yield 'owner_id,name,email,bytes,files,measured\r\n';
  for await (const owners of batches) {
    const rows = owners.map(({ ownerId, name, email, bytes, files, measuredMs }) => {
      const measured = measuredMs === 0 ? '' : new Date(measuredMs).toISOString();
      return [ownerId, name, email ?? '', String(bytes), String(files), measured].map((cell) => csvCell(cell)).join(',');
    });
    yield rows.map((row) => `${row}\r\n`).join('');
  }
}
