import { Injectable } from '@nestjs/common';
import { formatBytes } from '../browser/amounts';
import { DiskReport } from '../common/disk/disk-report';
import { plainTable } from './plain-table';

const MOST_OWNERS = 50;

/** Who uses the disk, from the shell. */
@Injectable()
export class DiskCommands {
  constructor(private readonly report: DiskReport) {}

  async show(): Promise<string> {
    const { fileSystems, totals, trash, unfinished, projects } = await this.report.summary();
    const owners = await this.report.owners('bytes', 0, MOST_OWNERS);
    const disks = fileSystems.map(({ places, freeBytes, totalBytes }) => [
      places.join(','),
      formatBytes(freeBytes),
      formatBytes(totalBytes),
    ]);
    const people = owners.map(({ name, email, bytes, files }) => [formatBytes(bytes), String(files), email ?? (name || '(gone)')]);
    const large = projects.map(({ name, ownerName, bytes }) => [formatBytes(bytes), ownerName || '(gone)', name || '(no project)']);
    const sums = `All people: ${formatBytes(totals.bytes)} in ${totals.files} files. In the trash: ${formatBytes(trash.bytes)}. Unfinished uploads: ${formatBytes(unfinished.bytes)}.`;
    return [
      plainTable(['DISK OF', 'FREE', 'TOTAL'], disks),
      sums,
      plainTable(['SPACE', 'FILES', 'OWNER'], people),
      plainTable(['SPACE', 'OWNER', 'PROJECT'], large),
    ].join('\n\n');
  }
}
