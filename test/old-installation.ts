import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createConnection, type Connection } from 'mysql2/promise';
import { startMariadb, type MariadbServer } from './tools/mariadb.mjs';

/** An installation of PyShowwwcase, as its description has it: settings, two tables, and a folder for each person. */
export interface OldInstallation {
  folder: string;
  /** Folder of all owners. */
  projects: string;
  master: Connection;
  /** For a user who may do everything. */
  database: string;
  /** As `take-over` is told it, besides the folder: for a user who may only read, with the password of its settings. */
  reader: string;
  addPerson(name: string, over?: Partial<OldPerson>): Promise<void>;
  addJob(person: string, project: string, over?: Partial<OldJob>): Promise<void>;
  /** @param files contents, or sizes of files that are empty and take no space. */
  addProject(owner: string, name: string | Buffer, files?: Record<string, string | number>): string;
  close(): Promise<void>;
}

export interface OldPerson {
  id: string;
  email: string | null;
  password: string;
  hash: string;
  active: number;
  admin: number;
  joined: string;
}

export interface OldJob {
  status: string;
  code: string;
  created: string | null;
  started: string | null;
  ended: string | null;
}

let databases = 0;

export async function makeOldInstallation(): Promise<OldInstallation> {
  const shared = process.env['TEST_MARIADB_SOCKET'];
  const own: MariadbServer | undefined = shared ? undefined : await startMariadb();
  const socketPath = shared ?? own!.socket;
  const name = `pyshowwwcase_${process.pid}_${(databases += 1)}`;
  const master = await createConnection({ socketPath, user: 'root', multipleStatements: true });
  await master.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4; USE ${name}; SET time_zone = '+00:00';
    CREATE TABLE users (id BIGINT UNSIGNED PRIMARY KEY, username VARCHAR(150), email VARCHAR(254), password VARCHAR(128), is_active TINYINT(1),
      is_superuser BIT(1), date_joined DATETIME);
    CREATE TABLE queue (id INT AUTO_INCREMENT PRIMARY KEY, run_id VARCHAR(40), username VARCHAR(150), project VARCHAR(255), status VARCHAR(20),
      run_code TEXT, created_at DATETIME, started_at DATETIME, ended_at DATETIME)`);
  const user = `${name}_web`;
  await master.query(`CREATE USER ${user}@localhost IDENTIFIED BY 'x'; GRANT SELECT ON ${name}.* TO ${user}@localhost`);
  const folder = mkdtempSync(join(tmpdir(), 'pyshowwwcase-'));
  const projects = join(folder, 'data', 'projects');
  mkdirSync(projects, { recursive: true });
  writeSettings(folder, name, user);
  const at = `localhost/${name}?socket=${encodeURIComponent(socketPath)}`;
  let people = 0;
  return {
    folder,
    projects,
    master,
    database: `mysql://root@${at}`,
    reader: `mysql://${user}@${at}`,
    addPerson: async (username, over = {}) => {
      people += 1;
      const password = over.password ?? `the words of ${username}`;
      const hash = over.hash ?? createHash('sha256').update(password).digest('hex');
      const email = over.email === undefined ? `${username.toLowerCase()}@lab.test` : over.email;
      const { id = String(people), active = 1, admin = 0, joined = '2021-03-04 05:06:07' } = over;
      await master.query('INSERT INTO users VALUES (?, ?, ?, ?, ?, ?, ?)', [id, username, email, hash, active, admin, joined]);
    },
    addJob: async (person, project, over = {}) => {
      const { status = 'queued', code = '', created = '2024-05-06 10:00:00', started = null, ended = null } = over;
      const values = ['a1b2', person, project, status, code, created, started, ended];
      await master.query('INSERT INTO queue VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)', values);
    },
    addProject: (owner, project, files = {}) => addProject(projects, owner, project, files),
    close: async () => {
      await master.query(`DROP DATABASE ${name}; DROP USER ${user}@localhost`);
      await master.end();
      await own?.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** In its container the data lie elsewhere. */
function writeSettings(folder: string, database: string, user: string): void {
  mkdirSync(join(folder, 'setup'));
  mkdirSync(join(folder, 'pyshowwwcasesite'));
  writeFileSync(
    join(folder, 'setup', '.env'),
    `MARIADB_HOST=maria_db\nMARIADB_USER=${user}\nMARIADB_PASSWORD=x\nMARIADB_DATABASE=${database}\nPIPEX_FILES_ROOT=${join(folder, 'data')}\n`,
  );
  writeFileSync(
    join(folder, 'pyshowwwcasesite', 'settings.py'),
    `import os
FILES_ROOT = "/opt/data"
BASE_DIRECTORY = os.path.join(FILES_ROOT, 'projects')
SHOW_DIRECTORY = 'analysis/'
ALLOW_GUESTS = True
DEMO_USERLIST = ['ada', "ben"]
GUEST_MAX_PROJECTS = 2 * 5
`,
  );
}

function addProject(root: string, owner: string, name: string | Buffer, files: Record<string, string | number>): string {
  const folder = Buffer.concat([Buffer.from(join(root, owner, '/')), Buffer.from(name)]);
  mkdirSync(folder, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder.toString(), path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === 'string' ? content : '');
    if (typeof content === 'number') truncateSync(file, content);
  }
  return folder.toString();
}

/** What pipelines leave in a project beside files. */
export function addOddEntries(project: string): void {
  symlinkSync('/etc/passwd', join(project, 'out'));
  symlinkSync('analysis', join(project, 'within'));
  const made = spawnSync('mkfifo', [join(project, 'pipe')]);
  if (made.status !== 0) throw new Error(made.stderr.toString());
}
