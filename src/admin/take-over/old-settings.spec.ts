import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readOldSettings } from './old-settings';

describe('readOldSettings', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'old-settings-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function write(path: string, content: string): string {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
    return join(folder, path);
  }

  it('finds both files in a checkout, and says where projects lie on this machine', () => {
    const env = write(
      'setup/.env',
      `# secrets
MYSQL_ROOT_PASSWORD=root
MYSQL_DATABASE="pipex"
MYSQL_USER=web
MYSQL_PASSWORD='p#1'
PIPEX_FILES_ROOT=/srv/pipex/
PIPEX_SERVER_NAME=lab1 lab2
`,
    );
    const python = write(
      'pyshowwwcasesite/pyshowwwcasesite/settings.py',
      `FILES_ROOT = '/data'\nBASE_DIRECTORY = FILES_ROOT + '/users'\nSHOW_DIRECTORY = './analysis/'\nDEMO_USERLIST = 'ada ben'.split()\nALLOW_GUESTS = False\n`,
    );
    expect(readOldSettings([folder])).toMatchObject({
      files: [env, python],
      database: { host: '127.0.0.1', port: 3306, user: 'web', password: 'p#1', name: 'pipex' },
      projectFolders: ['/srv/pipex/users', '/data/users', '/srv/pipex/'],
      demoUsers: ['ada', 'ben'],
      allowGuests: false,
      showFolder: 'analysis',
    });
  });

  it('takes other names of the same, and says nothing of what is not there', () => {
    const env = write('.env', 'PIPEX_DB_HOST=db\nPIPEX_DB_PORT=3307\nPIPEX_DB_USERNAME=u\nPIPEX_DB_PASS=w\nPIPEX_DB_NAME=n\n');
    expect(readOldSettings([env])).toMatchObject({
      database: { host: 'db', port: 3307, user: 'u', password: 'w', name: 'n' },
      projectFolders: [],
      allowGuests: null,
      showFolder: null,
    });
    expect(readOldSettings([])).toMatchObject({ files: [], database: null });
  });

  it('says so when there is nothing to read', () => {
    expect(() => readOldSettings([folder])).toThrow('there is neither .env nor settings.py');
    expect(() => readOldSettings([join(folder, 'gone')])).toThrow('There is no ');
  });
});
