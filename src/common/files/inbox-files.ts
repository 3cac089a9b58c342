import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { SafeDirectory } from './safe-directory';

/** How people put a large file where Showrunner finds it. */
export interface InboxHint {
  /** The folder as scp is told it. */
  folder: string;
  /** What to type, with `FILE` for the file; null where no pick-up host is configured. */
  command: string | null;
}

/** The inbox: a folder into which people with access to the machine put large inputs. It is read here, and cleaned by the cleaner. */
@Injectable()
export class InboxFiles {
  constructor(private readonly config: AppConfig) {}

  /** Null when no inbox is configured. */
  directory(): SafeDirectory | null {
    const folder = this.config.settings.INBOX_DIR;
    return folder === undefined ? null : SafeDirectory.open(folder);
  }

  /** What pages say about the inbox; null when there is none. */
  hint(): InboxHint | null {
    const { INBOX_DIR: folder, PICKUP_HOST: host } = this.config.settings;
    if (folder === undefined) return null;
    return { folder, command: host === undefined ? null : `scp FILE ${scpTarget(host, folder)}` };
  }
}

/** `host:path/`, quoted for the shell where the path asks for it. */
export function scpTarget(host: string, folder: string): string {
  const target = `${host}:${folder.endsWith('/') ? folder : `${folder}/`}`;
  return /^[\w@%+=:,./-]+$/.test(target) ? target : `'${target.replaceAll("'", `'\\''`)}'`;
}
