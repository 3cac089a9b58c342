/**
 * A private Slurm cluster of one node for tests: munged, slurmctld and slurmd with their own key, ports and folders, with slurmdbd when a
 * MariaDB is given. `startSlurm()` returns a `SlurmCluster`; run as a program it starts one, prints its slurm.conf and stays until it is
 * interrupted.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const READY_WITHIN_MS = 15_000;
const TOOL_WITHIN_MS = 20_000;
/** Debian keeps the daemons where only root looks. */
const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;

/**
 * @param {{ accounting?: { socket: string }, cpus?: number, settings?: Record<string, string> }} [options] `accounting`: the socket of a
 * MariaDB whose root needs no password; `settings`: further lines of slurm.conf.
 */
export async function startSlurm(options = {}) {
  const cluster = new SlurmCluster(options);
  try {
    await cluster.start();
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

class SlurmCluster {
  constructor({ accounting, cpus = 8, settings = {} }) {
    this.folder = mkdtempSync(join(tmpdir(), 'showrunner-slurm-'));
    this.conf = join(this.folder, 'slurm.conf');
    this.accounting = accounting;
    this.cpus = cpus;
    this.settings = settings;
    this.daemons = new Map();
    this.lastAnswer = '';
  }

  /** What a tool of Slurm needs to find this cluster; also the settings of a runner. */
  get environment() {
    return { SLURM_CONF: this.conf };
  }

  async start() {
    this.ports = await freePorts(3);
    for (const name of ['state', 'spool']) mkdirSync(join(this.folder, name));
    writeFileSync(join(this.folder, 'munge.key'), randomBytes(1024), { mode: 0o600 });
    writeFileSync(this.conf, this.slurmConf());
    await this.startMunge();
    if (this.accounting) await this.startAccounting();
    await Promise.all([this.startController(), this.startNode()]);
    await this.untilReady();
  }

  async startMunge() {
    const at = (name) => join(this.folder, name);
    const files = ['--key-file', 'munge.key', '--socket', 'munge.sock', '--pid-file', 'munged.pid', '--log-file', 'munged.log'];
    const words = [...files, '--seed-file', 'munge.seed'].map((word, index) => (index % 2 === 0 ? word : at(word)));
    // `--force`: the folder of temporary files is everybody's.
    this.launch('munged', ['--foreground', '--force', ...words]);
    await this.until('munged', () => readdirSync(this.folder).includes('munge.sock'));
  }

  async startAccounting() {
    const port = this.ports[2];
    const lines = {
      AuthType: 'auth/munge',
      AuthInfo: `socket=${join(this.folder, 'munge.sock')}`,
      DbdHost: 'localhost',
      DbdPort: port,
      SlurmUser: userInfo().username,
      LogFile: join(this.folder, 'slurmdbd.log'),
      PidFile: join(this.folder, 'slurmdbd.pid'),
      StorageType: 'accounting_storage/mysql',
      StorageHost: 'localhost',
      StorageUser: 'root',
      StorageLoc: `slurm_${randomBytes(4).toString('hex')}`,
    };
    writeFileSync(join(this.folder, 'slurmdbd.conf'), asLines(lines), { mode: 0o600 });
    this.launch('slurmdbd', ['-D'], { MYSQL_UNIX_PORT: this.accounting.socket });
    await this.until('slurmdbd', async () => (await this.run('sacctmgr', ['-i', 'add', 'cluster', 'showrunner'])).code === 0);
  }

  /** slurmctld; it goes on from what it had written down when it ended. */
  async startController() {
    this.launch('slurmctld', ['-D']);
    await this.until('slurmctld', async () => (await this.run('scontrol', ['ping'])).stdout.includes('is UP'));
  }

  /** Ends slurmctld: SIGKILL as a crash does, SIGTERM in order. */
  stopController(signal = 'SIGKILL') {
    return this.end('slurmctld', signal);
  }

  async startNode() {
    this.launch('slurmd', ['-D']);
  }

  /** Ends slurmd; programs and their slurmstepd go on. */
  stopNode(signal = 'SIGKILL') {
    return this.end('slurmd', signal);
  }

  /** Lets jobs onto the node again that was drained, as its administrator would. */
  async resumeNode() {
    const { stdout } = await this.run('sinfo', ['-h', '-o', '%N %T']);
    const [, node] = /^(\S+) drain/m.exec(stdout) ?? [];
    if (node !== undefined) await this.run('scontrol', ['update', `NodeName=${node}`, 'State=RESUME']);
  }

  /** Resolves when the node takes jobs. */
  async untilReady() {
    await this.until('slurmd', async () => /^(idle|mixed|allocated)$/m.test((await this.run('sinfo', ['-h', '-o', '%T'])).stdout));
  }

  /** Calls a tool of Slurm on this cluster. @returns {Promise<{ code: number | null, stdout: string, stderr: string }>} */
  run(tool, args, more = {}) {
    return new Promise((resolve) => {
      const child = spawn(tool, args, { env: { ...process.env, PATH, ...this.environment, ...more }, timeout: TOOL_WITHIN_MS });
      const answer = { code: null, stdout: '', stderr: '' };
      child.stdout.on('data', (chunk) => (answer.stdout += chunk));
      child.stderr.on('data', (chunk) => (answer.stderr += chunk));
      child.once('error', (error) => resolve({ ...answer, stderr: error.message }));
      child.once('close', (code) => {
        this.lastAnswer = `${tool}: ${answer.stderr || answer.stdout}`;
        resolve({ ...answer, code });
      });
    });
  }

  /** Ends everything of this cluster, jobs too, and removes its folder. */
  async stop() {
    // Nothing of it is wanted afterwards, so nothing needs to be written down or asked politely.
    for (const name of ['slurmctld', 'slurmd', 'slurmdbd']) await this.end(name, 'SIGKILL');
    for (let tries = 0; tries < 50 && endLeftovers(this.conf) > 0; tries += 1) await sleep(50);
    await this.end('munged', 'SIGTERM');
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  words() {
    const lines = [...this.daemons].map(
      ([name, { child, log }]) => `${name} (${child.exitCode ?? child.signalCode ?? 'runs'}): ${log.slice(-1500)}`,
    );
    return lines.join('\n');
  }

  launch(name, words, more = {}) {
    const env = { PATH, HOME: process.env['HOME'] ?? '/', LANG: 'C.UTF-8', ...this.environment, ...more };
    const child = spawn(name, words, { cwd: this.folder, env, stdio: ['ignore', 'ignore', 'pipe'] });
    const daemon = { child, log: '', ended: new Promise((resolve) => child.once('exit', resolve)) };
    child.once('error', (error) => (daemon.log += error.message));
    child.stderr.on('data', (chunk) => (daemon.log = (daemon.log + chunk).slice(-4000)));
    this.daemons.set(name, daemon);
  }

  async end(name, signal) {
    const daemon = this.daemons.get(name);
    if (!daemon) return;
    this.daemons.delete(name);
    if (daemon.child.exitCode !== null || daemon.child.signalCode !== null || daemon.child.pid === undefined) return;
    daemon.child.kill(signal);
    const patience = new AbortController();
    await Promise.race([daemon.ended, sleep(10_000, undefined, { signal: patience.signal }).catch(() => undefined)]);
    patience.abort();
    daemon.child.kill('SIGKILL');
  }

  async until(name, isSo) {
    const deadline = Date.now() + READY_WITHIN_MS;
    while (!(await isSo())) {
      const daemon = this.daemons.get(name);
      if (daemon?.child.exitCode != null || Date.now() > deadline) {
        throw new Error(`${name} does not come up:\n${daemon?.log ?? ''}\n${this.lastAnswer}`);
      }
      await sleep(50);
    }
  }

  slurmConf() {
    const at = (name) => join(this.folder, name);
    const me = userInfo().username;
    const node = hostname().split('.')[0];
    const accounting = {
      AccountingStorageType: 'accounting_storage/slurmdbd',
      AccountingStorageHost: 'localhost',
      AccountingStoragePort: this.ports[2],
      AccountingStoragePass: at('munge.sock'),
      AccountingStoreFlags: 'job_comment',
    };
    const lines = {
      ClusterName: 'showrunner',
      SlurmctldHost: `${node}(127.0.0.1)`,
      SlurmUser: me,
      SlurmdUser: me,
      AuthType: 'auth/munge',
      AuthInfo: `socket=${at('munge.sock')}`,
      SlurmctldPort: this.ports[0],
      SlurmdPort: this.ports[1],
      StateSaveLocation: at('state'),
      SlurmdSpoolDir: at('spool'),
      SlurmctldPidFile: at('slurmctld.pid'),
      SlurmdPidFile: at('slurmd.pid'),
      // Needs no cgroup of the test machine.
      ProctrackType: 'proctrack/pgid',
      TaskPlugin: 'task/none',
      SwitchType: 'switch/none',
      MpiDefault: 'none',
      JobAcctGatherType: 'jobacct_gather/linux',
      JobAcctGatherFrequency: 'task=1',
      JobAcctGatherParams: 'OverMemoryKill',
      SelectType: 'select/cons_tres',
      SelectTypeParameters: 'CR_CPU_Memory',
      SchedulerType: 'sched/backfill',
      SchedulerParameters: 'bf_interval=1,sched_interval=2',
      ReturnToService: 2,
      MinJobAge: 300,
      KillWait: 1,
      SlurmdTimeout: 6,
      MessageTimeout: 5,
      // More processors than the machine has, so that several small jobs run at a time.
      SlurmdParameters: 'config_overrides',
      DefMemPerCPU: 100,
      ...(this.accounting ? accounting : {}),
      ...this.settings,
    };
    return [
      asLines(lines).trimEnd(),
      `NodeName=${node} NodeAddr=127.0.0.1 CPUs=${this.cpus} RealMemory=8000 State=UNKNOWN`,
      `PartitionName=main Nodes=${node} Default=YES MaxTime=2-00:00:00 State=UP`,
      `PartitionName=short Nodes=${node} MaxTime=5 State=UP`,
      '',
    ].join('\n');
  }
}

function asLines(settings) {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

async function freePorts(count) {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
    }),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Kills what jobs left of this cluster: slurmstepd and programs outlive slurmd. @returns how many there were. */
function endLeftovers(conf) {
  let count = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const isOurs = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(`SLURM_CONF=${conf}`);
      const isJob = readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith('slurmstepd');
      if (!isOurs || !(isJob || readFileSync(`/proc/${pid}/environ`, 'latin1').includes('\0SLURM_JOB_ID='))) continue;
      process.kill(Number(pid), 'SIGKILL');
      count += 1;
    } catch {
      // It has ended meanwhile, or is not ours to see.
    }
  }
  return count;
}

// Without an await out here, so that a test may also require this file.
if (import.meta.filename === process.argv[1]) void runAsProgram();

async function runAsProgram() {
  const cluster = await startSlurm();
  process.stdout.write(`${cluster.conf}\n`);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void cluster.stop().then(() => process.exit(0)));
}
