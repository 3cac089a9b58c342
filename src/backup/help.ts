/** What `node dist/backup --help` and `node dist/restore --help` print. Imports nothing: it is read before it is known on which Node it runs. */
export const BACKUP_HELP = `
Usage: node dist/backup <folder>
       node dist/backup --verify <backup>

Makes a backup in a new folder of <folder>, named by the time (UTC), while everything goes on: first the database (SQLite or MariaDB) as it
was at one moment, then the files of projects, then the control files of runs. What has not changed since the last backup in <folder> is not
copied again: it gets a second name there (hard link), so each backup is whole and any may be deleted with rm -r.
Left out: log-ins, the signing key, mails with links, checksums that can be computed again; inbox, outbox, pipelines and settings.

  --verify    reads a backup again, and says what is damaged or missing

Exit status: 0 done, 1 some files could not be read, or the backup is damaged, 64 the command makes no sense.
`;

export const RESTORE_HELP = `
Usage: node dist/restore <backup> [--without-damaged]

Brings database and files of a backup to the places of the settings: the database (DATABASE_URL, DB_HOST or DATA_DIR) must be there without
tables, FILES_ROOT and RUNS_ROOT must be missing or empty. A backup of SQLite can be restored into MariaDB, and the other way round; one of
an older version is brought to the tables of this one. Files come first, and are compared with their checksums; if one is damaged nothing
is written into the database.

  --without-damaged    leaves out what is damaged or missing, and says what

Stop web, runners and cleaner before, and start the runners only where the programs of the old place have ended.
Exit status: 0 done, 1 the backup is damaged, 64 the command makes no sense, 65 this is no backup, or the place is not empty.
`;
