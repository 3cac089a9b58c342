import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, type Repository } from 'typeorm';
import { dialectOf, NOW_MS } from '../database/dialect';
import { inParts } from '../database/in-parts';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import type { FileIdentity } from '../files/file-identity';
import { FileDigest } from './file-digest.entity';
import type { Digests } from './running-digest';

/** Numbers in one IN list. */
const MOST_AT_ONCE = 500;

/** The rows of known checksums. */
@Injectable()
export class FileDigestsRepository {
  private readonly now: string;

  constructor(@InjectRepository(FileDigest) private readonly rows: Repository<FileDigest>) {
    this.now = NOW_MS[dialectOf(rows.manager.connection.options)];
  }

  /** Known ones stay as they are. */
  add(projectId: string, file: FileIdentity, digests: Digests): Promise<void> {
    return this.addAll(projectId, [{ file, digests }]);
  }

  /** As `add`, in few statements. */
  async addAll(projectId: string, files: readonly { file: FileIdentity; digests: Digests }[]): Promise<void> {
    for (let index = 0; index < files.length; index += MOST_AT_ONCE) {
      const values = files.slice(index, index + MOST_AT_ONCE).map(({ file: { inode, size, mtimeNs }, digests: { sha256, crc32 } }) => {
        return { projectId, inode, size, mtimeNs, sha256, crc32, notedMs: () => this.now };
      });
      await repeatWhileBusy(() => this.rows.createQueryBuilder().insert().values(values).orIgnore().execute());
    }
  }

  /** Of all contents that files with these inodes have had. */
  findByInodes(projectId: string, inodes: readonly string[]): Promise<FileDigest[]> {
    return inParts(inodes, (part) => this.rows.findBy({ projectId, inode: In(part) }));
  }

  ofProject(projectId: string): Promise<FileDigest[]> {
    return this.rows.findBy({ projectId });
  }
}
