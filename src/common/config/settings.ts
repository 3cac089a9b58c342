import { availableParallelism, hostname } from 'node:os';
import { z } from 'zod';
import {
  bytes,
  cores,
  cronExpression,
  dockerAddress,
  duration,
  engines,
  file,
  folder,
  gpuIds,
  hostNames,
  languageTag,
  list,
  mailbox,
  mailServer,
  networks,
  onOff,
  pathPairs,
  viewerAddress,
  webAddress,
  webOrigin,
  whole,
} from './values';
import { INSTITUTE_SETTINGS } from './institute-settings';
import { PEOPLE_SETTINGS } from './people-settings';
import { setting, type Setting } from './setting';

export type { Setting } from './setting';

const line = z.string().min(1);

/** Every setting that there is, in the order of `.env.example`. A setting `X` may also come from the file that `X_FILE` names. */
export const SETTINGS = {
  DATA_DIR: setting(folder, './data', 'Folder for everything that Showrunner writes, unless a setting below places it elsewhere.'),
  FILES_ROOT: setting(folder.optional(), undefined, 'Folder of the files of all projects; default DATA_DIR/files.'),
  RUNS_ROOT: setting(folder.optional(), undefined, 'Folder of the control files and logs of all runs; default DATA_DIR/runs.'),
  PIPELINES_DIR: setting(folder, './config/pipelines', 'Folder of the pipelines: one folder, or one annotated script, each.'),
  INBOX_DIR: setting(folder.optional(), undefined, 'Folder into which people put large inputs by scp or a mounted share; unset: no inbox.'),
  INBOX_PER_USER: setting(
    onOff,
    'off',
    'Gives each account a folder of its own in the inbox, INBOX_DIR/people/<e-mail address>, that the others do not see.',
  ),
  OUTBOX_DIR: setting(
    folder.optional(),
    undefined,
    'Folder in which results are also left for pick-up by scp; unset: the project folder serves.',
  ),
  PICKUP_HOST: setting(
    line.optional(),
    undefined,
    'What people write before the colon in scp, such as "guest@lab1"; shown in mails and forms when set.',
  ),

  PORT: setting(whole(1, 65_535), '8080', 'Port on which the web process listens.'),
  LISTEN_HOST: setting(line.optional(), undefined, 'Address on which the web process listens; unset: all addresses of the machine.'),
  PUBLIC_URL: setting(
    webAddress.optional(),
    undefined,
    'Address under which people open Showrunner, with a path if it lives below one; used for links in mails.',
  ),
  ALLOWED_HOSTS: setting(hostNames, '', 'Further host names under which Showrunner may be opened, separated by commas.'),
  TRUST_PROXY: setting(
    list,
    '',
    'Addresses of reverse proxies whose X-Forwarded headers are believed, separated by commas; none: there is no proxy.',
  ),
  REPORT_ORIGIN: setting(
    webOrigin.optional(),
    undefined,
    'A second address of this web process, by another host name or port, that serves pages of results and nothing else; unset: PUBLIC_URL does.',
  ),
  ELLVIEWER_URL: setting(
    viewerAddress.optional(),
    undefined,
    'Address of an EllViewer, with {url} where the address of its table belongs; unset: it is not offered.',
  ),
  API_RATE: setting(whole(10, 1_000_000), '600', 'Requests to the API that one token may make in a minute.'),
  API_FILE_RATE: setting(
    whole(10, 1_000_000),
    '12000',
    'Requests to the API that carry files, which one token may make in a minute beside those; a small file is two of them.',
  ),
  SITE_NAME: setting(
    z.string().max(100, 'at most 100 characters'),
    '',
    'Name of your group or facility, shown beside the name of the product on pages and in mails.',
  ),
  SITE_ICON: setting(
    file.optional(),
    undefined,
    'File with the sign of your site: an SVG, or a square PNG, of at most 1 MB; unset: the sign of Showrunner.',
  ),
  CONTACT_EMAIL: setting(z.email().optional(), undefined, 'Address of the administrator, shown on every page.'),
  DEFAULT_LANGUAGE: setting(
    languageTag,
    'en',
    'Language of mails, of notes that are stored with runs, and of pages for people whose browser asks for none that is there.',
  ),
  LANGUAGES_DIR: setting(
    folder.optional(),
    undefined,
    'Folder with further languages, one folder of JSON files each; docs/languages.md tells how.',
  ),

  DATABASE_URL: setting(
    line.optional(),
    undefined,
    'MariaDB as mysql://user:password@host:3306/name; unset: an embedded SQLite database in DATA_DIR.',
  ),
  DB_HOST: setting(line.optional(), undefined, 'Host of MariaDB, instead of DATABASE_URL.'),
  DB_PORT: setting(whole(1, 65_535), '3306', 'Port of MariaDB.'),
  DB_SOCKET: setting(line.optional(), undefined, 'Unix socket of MariaDB, instead of DB_HOST.'),
  DB_NAME: setting(line, 'showrunner', 'Name of the database in MariaDB.'),
  DB_USER: setting(line, 'showrunner', 'User of MariaDB.'),
  DB_PASSWORD: setting(z.string(), '', 'Password of that user.'),

  ...PEOPLE_SETTINGS,
  ...INSTITUTE_SETTINGS,

  MAX_UPLOAD: setting(bytes, '50 GB', 'Largest file that anybody may upload.'),
  UPLOAD_LIFE: setting(
    duration('1m', '365d'),
    '3d',
    'How long an unfinished upload waits for its rest, with its space reserved, before the cleaner removes it.',
  ),
  UPLOAD_SILENCE: setting(
    duration('1s', '10m'),
    '60s',
    'How long a client may send nothing in the middle of an upload before its connection is cut; what has arrived is kept.',
  ),
  FREE_SPACE_RESERVE: setting(bytes, '1 GB', 'Disk space that uploads and new runs leave free.'),
  GUEST_PROJECTS: setting(whole(0, 1_000_000), '10', 'How many projects a guest may have; 0: any number.'),
  GUEST_SPACE: setting(
    bytes,
    '20 GB',
    'Space for the files of a guest, with results, trash and half-sent uploads; 0: as much as the disk has.',
  ),
  GUEST_FILES: setting(whole(0, 1_000_000_000), '100000', 'How many files a guest may have; 0: any number.'),
  GUEST_RUNS: setting(
    whole(0, 10_000),
    '0',
    'How many runs of a guest may run at the same time, within RUNS_PER_PERSON; 0: as many as of anybody.',
  ),
  GUEST_WAITING: setting(
    whole(0, 1_000_000),
    '50',
    'How many runs of a guest may wait in the queue, within MAX_WAITING_PER_PERSON; 0: as many as of anybody.',
  ),
  GUEST_UPLOAD: setting(bytes, '5 GB', 'Largest file that a guest may upload; 0: MAX_UPLOAD.'),
  USER_PROJECTS: setting(whole(0, 1_000_000), '0', 'How many projects a person with an account may have; 0: any number.'),
  USER_SPACE: setting(bytes, '0', 'Space for the files of a person with an account; 0: as much as the disk has.'),
  USER_FILES: setting(whole(0, 1_000_000_000), '0', 'How many files a person with an account may have; 0: any number.'),
  USER_UPLOAD: setting(bytes, '0', 'Largest file that a person with an account may upload; 0: MAX_UPLOAD.'),
  ADMIN_PROJECTS: setting(whole(0, 1_000_000), '0', 'How many projects an administrator may have; 0: any number.'),
  ADMIN_SPACE: setting(bytes, '0', 'Space for the files of an administrator; 0: as much as the disk has.'),
  ADMIN_FILES: setting(whole(0, 1_000_000_000), '0', 'How many files an administrator may have; 0: any number.'),
  ADMIN_UPLOAD: setting(bytes, '0', 'Largest file that an administrator may upload; 0: MAX_UPLOAD.'),

  RUNNER_NAME: setting(
    line.max(100, 'at most 100 characters'),
    hostname(),
    'Name of this runner process; two runners on one machine need two names.',
  ),
  RUNNER_SLOTS: setting(whole(1, 10_000), String(availableParallelism()), 'How many runs this runner carries at the same time.'),
  RUNNER_ENGINES: setting(engines, 'process', 'What this runner can carry out, separated by commas: process, docker, handoff, slurm.'),
  DOCKER_HOST: setting(
    dockerAddress,
    'unix:///var/run/docker.sock',
    'Docker Engine of the engine docker, as unix:///path or tcp://host:2375 in a network that is trusted.',
  ),
  DOCKER_PATHS: setting(
    pathPairs,
    '',
    'When the runner itself lives in a container: what its folders are called on the host, such as /data=/srv/showrunner, separated by commas.',
  ),
  RUNNER_CPUS: setting(
    cores.optional(),
    undefined,
    'Cores that the runs of this runner may take together; unset: those of the machine, or RUNNER_SLOTS if that is more.',
  ),
  RUNNER_MEMORY: setting(
    bytes.optional(),
    undefined,
    'Memory that the runs of this runner may take together, as far as their pipelines tell; unset: that of the machine.',
  ),
  RUNNER_GPUS: setting(gpuIds, '', 'GPUs of this runner as CUDA_VISIBLE_DEVICES names them, separated by commas, such as 0,1.'),
  RUNNER_REMOTE_SLOTS: setting(
    whole(0, 10_000),
    '50',
    'Runs of a Slurm cluster or of a hand-off launcher that this runner watches at the same time.',
  ),
  SLURM_BIN: setting(folder.optional(), undefined, 'Folder of sbatch, squeue, scontrol, scancel and sacct; unset: they are found in PATH.'),
  SLURM_CONF: setting(folder.optional(), undefined, 'Path of slurm.conf for these tools; unset: where Slurm itself looks.'),
  SLURM_POLL: setting(duration('0.1s', '10m'), '3s', 'How often the cluster is asked about all jobs of a runner, in one question.'),
  SLURM_SILENCE: setting(
    duration('1s', '7d'),
    '2m',
    'How long the cluster may not answer, or not know a job that left no record, before its run is shown as unknown, or as lost.',
  ),
  RUNS_PER_PERSON: setting(whole(0, 10_000), '0', 'How many runs of one person may run at the same time; 0: as many as there are places.'),
  MAX_WAITING_PER_PERSON: setting(whole(0, 1_000_000), '1000', 'How many runs of one person may wait in the queue; 0: any number.'),
  SWEEP_RUNS: setting(whole(2, 10_000), '200', 'How many runs one form may start at once, with several values of its fields.'),
  RUNNER_POKE_HOST: setting(
    line,
    '127.0.0.1',
    'Address at which web processes can wake this runner; a lost wake-up costs a second, never a run.',
  ),
  RUNNER_BEAT: setting(duration('0.1s', '1h'), '10s', 'How often a runner writes its sign of life.'),
  RUNNER_STALE: setting(duration('0.3s', '1d'), '60s', 'Silence after which other runners take over what a runner had.'),
  INPUT_CHECKSUMS: setting(
    onOff,
    'on',
    'Computes the SHA-256 of inputs that have none yet, for the record of each run, while the run works; off: only known ones are recorded.',
  ),
  RESULT_CHECKSUMS: setting(
    onOff,
    'on',
    'Computes the SHA-256 of what each run has left, slowly and after its end; off: only known ones are recorded.',
  ),
  MEMORY_LIMIT: setting(bytes.optional(), undefined, 'Most memory of a run whose pipeline does not say what it needs; unset: no limit.'),
  CPU_LIMIT: setting(onOff, 'off', 'Keeps a run to the cores that its pipeline asks for (needs.cpu); off: idle cores are free for all.'),
  PROCESS_LIMIT: setting(
    whole(0, 4_000_000),
    '4096',
    'Most processes and threads of one run, where the kernel counts them by run (control groups); 0: no limit.',
  ),
  FILE_SIZE_LIMIT: setting(bytes.optional(), undefined, 'Largest file that a run may write unless its pipeline says so; unset: no limit.'),
  SCRATCH_LIMIT: setting(
    bytes,
    '20 GB',
    "Most that a container may keep on Docker's own disk, outside of its results, unless its pipeline says so; 0: no limit.",
  ),
  RUNNER_CGROUP: setting(
    z.union([z.enum(['auto', 'off']), z.string().regex(/^\//, 'auto, off, or the absolute path of a control group')]),
    'auto',
    'Control group of version 2 in which this runner makes one for each run: auto, off, or its folder, such as /sys/fs/cgroup/showrunner.',
  ),
  TIME_LIMIT: setting(duration('1s', '3650d'), '24h', 'Time limit of runs whose pipeline sets none.'),
  STOP_GRACE: setting(duration('0s', '7d'), '10s', 'Time that a cancelled program gets to tidy up before it is killed.'),
  MAX_LOG: setting(bytes, '1 GB', 'Size at which the log of a run is cut off with a note.'),
  MAX_VIEWS: setting(
    bytes,
    '20 GB',
    'Most that pictures and tiles made of the images of one run, or of one project, may take; the oldest go first. The cleaner holds all projects together to it, too.',
  ),
  SCRIPT_PREFIX: setting(line, '##~~', 'Start of the lines in which a script describes its parameters.'),

  SMTP_URL: setting(
    mailServer.optional(),
    undefined,
    'Mail server as smtp://user:password@host:587; unset: mails are written to the log and to MAIL_DIR.',
  ),
  MAIL_FROM: setting(
    mailbox,
    'showrunner@localhost',
    'Sender of mails; an address alone comes with the name of the product and SITE_NAME before it.',
  ),
  MAIL_DIR: setting(folder.optional(), undefined, 'Folder for mails as .eml files when there is no mail server; default DATA_DIR/mail.'),
  WEBHOOK_NETWORKS: setting(
    networks,
    '',
    'Networks of private addresses that webhooks may be sent to, such as 10.1.2.0/24 or 127.0.0.1; all public addresses are allowed anyway.',
  ),

  RETENTION_DAYS: setting(
    whole(1, 36_500),
    '7',
    'Days after which the results of a finished run, and files in inbox and outbox, are deleted.',
  ),
  KEEP_DAYS: setting(whole(0, 36_500), '0', 'Days beyond RETENTION_DAYS for which people may keep the results of a run; 0: for ever.'),
  WARN_DAYS: setting(
    whole(0, 365),
    '2',
    'Days before results are deleted at which their owner gets a mail that lists them; 0: no such mails. Needs SMTP_URL.',
  ),
  AUDIT_DAYS: setting(whole(1, 36_500), '365', 'Days for which the audit log keeps who changed what.'),
  TRASH_DAYS: setting(whole(1, 36_500), '7', 'Days for which deleted files can be brought back.'),
  CLEANER_SCHEDULE: setting(cronExpression, '17 3 * * *', 'When "node dist/cleaner --scheduled" cleans, as a cron expression.'),

  METRICS_TOKEN: setting(
    line.min(16, 'at least 16 characters').optional(),
    undefined,
    'Opens /metrics, in the format of Prometheus, to whoever sends it as "Authorization: Bearer …".',
  ),
  METRICS_NETWORKS: setting(
    networks,
    '',
    'Networks whose machines may read /metrics without it, such as 10.1.0.0/16, separated by commas; neither: there is no /metrics.',
  ),

  LOG_FORMAT: setting(z.enum(['text', 'json']), 'text', 'Form of the log lines: text or json.'),
  LOG_LEVEL: setting(z.enum(['debug', 'info', 'warn', 'error']), 'info', 'Least important log lines that are written.'),
} satisfies Record<string, Setting>;

export type SettingName = keyof typeof SETTINGS;
/** The typed values of all settings, by name. */
export type SettingValues = { [Name in SettingName]: z.output<(typeof SETTINGS)[Name]['schema']> };
