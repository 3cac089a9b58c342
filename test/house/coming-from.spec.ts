import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { HELP } from '../../src/admin/help';
import { SETTINGS } from '../../src/common/config/settings';

const ROOT = resolve(__dirname, '..', '..');
const PAGE = readFileSync(join(ROOT, 'docs', 'coming-from.md'), 'utf8');
/** Cells of all tables, by row: what it is called there, and here. */
const ROWS = PAGE.split('\n')
  .filter((line) => line.startsWith('|') && !/^\|[ -]+\|/.test(line))
  .map((line) => line.split('|').slice(1, -1))
  .map(([there = '', ...here]) => ({ there: there.trim(), here: here.join('|').trim() }));
const codeIn = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code);

/** All that the descriptions of the older systems name, so that whoever looks for one finds it. */
const THERE = {
  'ScriptRunner.conf': `web_port path_to_db scp_user scp_pass inbox_dir outbox_dir script_dir script_doc_prefix input_param_prefix
    output_param_prefix email_address poll_interval`,
  'tables of ScriptRunner': `users.login users.password jobs.id jobs.script_name jobs.params jobs.requester jobs.status jobs.requestDttm
    jobs.startDttm jobs.stopDttm New Started Complete`,
  'files of ScriptRunner': `data/scripts/ data/inputs/ data/outputs/ data/ScriptRunner.db etc/ScriptRunner.conf app_context.py services.py
    server.py view.py images/ --web --server --cleanup`,
  'pages of ScriptRunner': '/login / /submit /jobs /logout /accessDenied',
  'settings of PyShowwwcase': `SECRET_KEY DEBUG _FILES_ROOT _SERVER_NAME REDIRECT_BASE_URL STATIC_URL BASE_DIRECTORY FILES_ROOT RUN_DIRECTORY
    ARGS_FILE RUN_ID_FILE OUTPUT_FILE SHOW_DIRECTORY SHOW_IMAGE_SIZE ALLOW_GUESTS DEMO_USERLIST GUEST_ USER_ CSRF_TRUSTED_ORIGINS
    ALLOWED_HOSTS`,
  'tables of PyShowwwcase': 'users queue queued started run_code',
  'files of PyShowwwcase': `README.md implementations.md howto.md template/ Dockerfile requirements.txt run_queue.sh manage.py views.py
    database.py security.py forms.py models.py urls.py management/commands/queue.py templates/ run.html show.html static/
    docker-compose.yml .env.example init.sql pyshowwwcase_nginx pyshowwwcase.sh pipex proticelli hpaseg LAST_RUN_ID start_run show_project
    serve_image safe_path require_session gunicorn`,
};

describe('docs/coming-from.md', () => {
  it.each(Object.entries(THERE))('says what becomes of all %s', (_, names) => {
    const left = ROWS.map(({ there }) => there).join('\n') + /### Cron line\n[^]*?###/.exec(PAGE)![0];
    expect(names.split(/\s+/).filter((name) => !left.includes(name))).toEqual([]);
  });

  it('names settings that there are', () => {
    const named = ROWS.flatMap(({ here }) => codeIn(here)).concat(codeIn(PAGE.replaceAll(/^\|.*$/gm, '')));
    const settings = named.flatMap((code) => /^([A-Z]+_[A-Z_]+)(?:=|\/|$)/.exec(code)?.[1] ?? []);
    const foreign = new Set(['CSRF_TRUSTED_ORIGINS']);
    expect(settings.length).toBeGreaterThan(60);
    expect(settings.filter((name) => !Object.hasOwn(SETTINGS, name) && !foreign.has(name))).toEqual([]);
  });

  it('names commands, files and pages that there are', () => {
    const programs = [...PAGE.matchAll(/node dist\/([a-z]+)/g)].map(([, name]) => `src/${name}.ts`);
    const commands = [...PAGE.matchAll(/node dist\/admin ([a-z]+(?:-[a-z]+)*)/g)].map(([, name]) => name);
    const files = codeIn(PAGE).filter((code) => /^(docker|config|src)\//.test(code));
    const links = [...PAGE.matchAll(/\]\(([^)#]+)/g)].map(([, link]) => join('docs', link));
    expect(commands).toContain('take-over');
    expect(commands.filter((name) => !HELP.includes(`\n  ${name} `))).toEqual([]);
    expect([...programs, ...files, ...links].filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('names options of take-over that its help explains', () => {
    const options = [...PAGE.matchAll(/(--[a-z-]+)(?==…|=[a-z@]|`)/g)].map(([, option]) => option).filter((option) => option !== '--help');
    const ofOthers = new Set(['--web', '--server', '--cleanup']);
    expect(options.filter((option) => !ofOthers.has(option) && !HELP.includes(option))).toEqual([]);
  });
});
