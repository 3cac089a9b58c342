import { Column, Entity, PrimaryColumn } from 'typeorm';
import { asNumber } from '../database/dialect';

/** The checksums of one content of a file. A file that is renamed or moved keeps them, one that is written to has others. */
@Entity('file_digests')
export class FileDigest {
  @PrimaryColumn('varchar', { name: 'project_id', length: 36 })
  projectId!: string;

  @PrimaryColumn('varchar', { length: 20 })
  inode!: string;

  @PrimaryColumn('bigint', { transformer: asNumber })
  size!: number;

  /** Nanoseconds since 1970 as text: more digits than a number holds. */
  @PrimaryColumn('varchar', { name: 'mtime_ns', length: 20 })
  mtimeNs!: string;

  /** Hexadecimal. */
  @Column('varchar', { length: 64 })
  sha256!: string;

  @Column('bigint', { transformer: asNumber })
  crc32!: number;

  @Column('bigint', { name: 'noted_ms', transformer: asNumber })
  notedMs!: number;
}
