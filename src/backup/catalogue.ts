import Database from 'better-sqlite3';

export type EntryKind = 'file' | 'folder' | 'link';

/** One thing below `files/` or `runs/`, as it was saved. */
export interface CatalogueEntry {
  /** Raw bytes, names joined by `/`. */
  path: Buffer;
  kind: EntryKind;
  /** Permissions. */
  mode: number;
  /** Bytes; 0 for what is no file. */
  size: number;
  mtimeMs: number;
  /** Of the last change of any kind, which no program can set back. */
  ctimeMs: number;
  /** Of a file, in hex. */
  sha256: string | null;
  /** Where a link leads, raw. */
  target: Buffer | null;
}

const TABLE = `
  CREATE TABLE entries (
    path BLOB PRIMARY KEY, kind TEXT NOT NULL, mode INTEGER NOT NULL, size INTEGER NOT NULL,
    mtime_ms REAL NOT NULL, ctime_ms REAL NOT NULL, sha256 TEXT, target BLOB
  ) WITHOUT ROWID`;
const COLUMNS = 'path, kind, mode, size, mtime_ms AS mtimeMs, ctime_ms AS ctimeMs, sha256, target';

/** What a backup holds, with the checksum of each file: a table on disk, because there may be millions. */
export class Catalogue {
  private readonly insertion?: Database.Statement;
  private readonly question: Database.Statement<[Buffer], CatalogueEntry>;

  private constructor(
    private readonly database: Database.Database,
    isNew: boolean,
  ) {
    if (isNew) {
      database.exec(TABLE);
      database.exec('BEGIN');
      this.insertion = database.prepare(
        `INSERT INTO entries (path, kind, mode, size, mtime_ms, ctime_ms, sha256, target)
         VALUES (:path, :kind, :mode, :size, :mtimeMs, :ctimeMs, :sha256, :target)`,
      );
    }
    this.question = database.prepare(`SELECT ${COLUMNS} FROM entries WHERE path = ?`);
  }

  static create(path: string): Catalogue {
    return new Catalogue(new Database(path), true);
  }

  /** Changes nothing of it. */
  static read(path: string): Catalogue {
    return new Catalogue(new Database(path, { readonly: true, fileMustExist: true }), false);
  }

  add(entry: CatalogueEntry): void {
    this.insertion?.run(entry);
  }

  find(path: Buffer): CatalogueEntry | undefined {
    return this.question.get(path);
  }

  /** All of one tree, in the order of their bytes, so that a folder comes before what is in it. */
  entriesOf(tree: Buffer): IterableIterator<CatalogueEntry> {
    // `/` and the character after it: all paths that begin with the name and a slash.
    const bounds = [47, 48].map((character) => Buffer.concat([tree, Buffer.from([character])]));
    const statement = `SELECT ${COLUMNS} FROM entries WHERE path > ? AND path < ? ORDER BY path`;
    return this.database.prepare<Buffer[], CatalogueEntry>(statement).iterate(...bounds);
  }

  close(): void {
    if (this.insertion) this.database.exec('COMMIT');
    this.database.close();
  }
}
