import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { fileSystemsOf, type FileSystem } from './file-systems';

/** What lies on the disks. */
export type Place = 'files' | 'runs' | 'data' | 'inbox' | 'outbox';

/** The disks of everything that Showrunner writes. */
@Injectable()
export class Disks {
  constructor(private readonly config: AppConfig) {}

  fileSystems(): Promise<FileSystem<Place>[]> {
    const { filesRoot, runsRoot, settings } = this.config;
    const { DATA_DIR: data, INBOX_DIR: inbox, OUTBOX_DIR: outbox } = settings;
    return fileSystemsOf<Place>({ files: filesRoot, runs: runsRoot, data, inbox, outbox });
  }
}
