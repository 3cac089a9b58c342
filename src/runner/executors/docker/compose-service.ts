import { dirname, isAbsolute, join, posix } from 'node:path';
import { parse } from 'yaml';
import type { ComposeRuntime } from '../../../common/pipelines/runtime';
import { parseBytes } from '../../../common/config/values';
import { text } from '../../../locales/text';
import { PrepareError, type Assignment } from '../executor';
import type { ResourceLimits } from '../resource-limits';
import { runTool, type ToolAnswer } from '../tool';
import { ownMounts, type ContainerPlan, type PlannedMount } from './container-plan';
import { splitWords } from '../../../common/split-words';

/** A service as `config` writes it: everything filled in and merged, though old versions keep short forms. */
type Service = Record<string, unknown>;

const CONFIG_WITHIN_MS = 60_000;
/** What belongs to services that stay, are built or are reached from outside; a run is none of that. */
const WITHOUT_MEANING = new Set(
  (
    'build container_name depends_on ports expose restart links external_links logging healthcheck labels annotations profiles hostname ' +
    'domainname networks stdin_open tty attach scale stop_grace_period stop_signal init pull_policy platform env_file develop cap_drop'
  ).split(' '),
);
const UNDERSTOOD = new Set(
  (
    'image command entrypoint environment volumes tmpfs working_dir user shm_size mem_limit memswap_limit mem_reservation cpus deploy gpus ' +
    'network_mode cap_add read_only group_add ulimits pids_limit devices extra_hosts dns'
  ).split(' '),
);

/** A compose file as one run needs it: one service, started on its own, in a container that is ours. */
export class ComposeService {
  /** @param environment what tools inherit. */
  constructor(
    private readonly assignment: Assignment,
    private readonly runtime: ComposeRuntime,
    private readonly environment: Readonly<Record<string, string>>,
  ) {}

  /** @param user `uid:gid` where the service names none. @param limits those that hold without the file. @throws PrepareError with a sentence about the file. */
  async plan(user: string, limits: ResourceLimits): Promise<ContainerPlan> {
    const { whole, service } = await this.read();
    this.refuseUnknown(service);
    const { assignment, runtime } = this;
    const own = words(service['command']);
    return {
      image: this.image(service, whole),
      entrypoint: words(service['entrypoint']),
      // What the file says, with the arguments of the form behind it, unless the pipeline has a command of its own.
      command:
        runtime.command.length > 0 ? assignment.argv : own || assignment.argv.length > 0 ? [...(own ?? []), ...assignment.argv] : null,
      env: { ...stringsOf(service['environment']), ...assignment.env },
      user: scalar(service['user']) ?? user,
      workingFolder: typeof service['working_dir'] === 'string' ? service['working_dir'] : assignment.cwd,
      ...this.places(service, whole),
      network: this.network(service),
      shmBytes: bytes(service['shm_size']),
      limits: this.limits(service, limits),
      capabilities: list(service['cap_add']).map(String),
      deviceRequests: deviceRequests([...list(at(service, 'deploy', 'resources', 'reservations', 'devices')), ...list(service['gpus'])]),
      extra: hostFields(service),
    };
  }

  /** What the pipeline asks for goes before the file, and the file before the settings of the installation. */
  private limits(service: Service, limits: ResourceLimits): ResourceLimits {
    const { needs, limits: asked } = this.assignment;
    const memory = bytes(service['mem_limit']) ?? bytes(at(service, 'deploy', 'resources', 'limits', 'memory'));
    const processes = service['pids_limit'] === undefined ? null : Number(service['pids_limit']);
    return {
      ...limits,
      memoryBytes: (needs.memory > 0 ? null : memory) ?? limits.memoryBytes,
      cpu: Math.max(needs.cpu, thousandths(service['cpus']), thousandths(at(service, 'deploy', 'resources', 'limits', 'cpus'))),
      processes: (asked.processes ? null : processes) ?? limits.processes,
    };
  }

  private get file(): string {
    return isAbsolute(this.runtime.file) ? this.runtime.file : join(this.assignment.pipelineFolder, this.runtime.file);
  }

  private async read(): Promise<{ whole: Service; service: Service }> {
    const answer = await this.config();
    if (answer.code !== 0) throw this.fault('composeUnreadable', { reason: lastLine(answer.stderr) });
    const whole = parse(answer.stdout) as Service;
    const service = at(whole, 'services', this.runtime.service);
    if (typeof service === 'object' && service !== null) return { whole: plain(whole) as Service, service: plain(service) as Service };
    throw this.fault('composeNoService', { known: Object.keys(whole['services'] ?? {}).join(', ') });
  }

  /** Compose is part of `docker` in its second version, and a program of its own in its first. */
  private async config(): Promise<ToolAnswer> {
    const words = ['-f', this.file, 'config'];
    const call = { env: this.variables(), cwd: dirname(this.file), withinMs: CONFIG_WITHIN_MS };
    const old = await runTool({ ...call, program: 'docker-compose', args: words });
    if (old.spawnFailure === null) return old;
    const answer = await runTool({ ...call, program: 'docker', args: ['compose', ...words] });
    const isThere = answer.spawnFailure === null && !/not a docker command|unknown (?:shorthand|command)/.test(answer.stderr);
    if (!isThere) throw new Error('neither docker-compose nor docker compose is installed beside this runner');
    return answer;
  }

  /** What `${…}` in the file can name. */
  private variables(): Record<string, string> {
    const { env, cwd, projectFolder, pipelineFolder } = this.assignment;
    const places: Record<string, string> = { outputFolder: cwd, projectFolder, pipelineFolder };
    const fill = (value: string) => value.replaceAll(/\{(\w+)\}/g, (whole, name: string) => places[name] ?? whole);
    const named = Object.entries(this.runtime.variables ?? {}).map(([name, value]) => [name, fill(value)]);
    return {
      ...this.environment,
      ...env,
      SHOWRUNNER_RESULTS: cwd,
      SHOWRUNNER_PROJECT: projectFolder,
      SHOWRUNNER_PIPELINE: pipelineFolder,
      ...(Object.fromEntries(named) as Record<string, string>),
    };
  }

  private refuseUnknown(service: Service): void {
    const names = Object.keys(service).filter((name) => !WITHOUT_MEANING.has(name) && !UNDERSTOOD.has(name) && !isEmpty(service[name]));
    if (names.length > 0) throw this.fault('composeUnsupported', { names: names.join(', '), count: names.length });
  }

  private network(service: Service): string {
    const mode = service['network_mode'];
    if (mode === undefined) return 'none';
    if (typeof mode === 'string' && /^(none|bridge|host)$/.test(mode)) return mode;
    throw this.fault('composeUnsupported', { names: `network_mode: ${scalar(mode) ?? ''}`, count: 1 });
  }

  private places(service: Service, whole: Service): Pick<ContainerPlan, 'mounts' | 'volumes'> {
    const mounts: PlannedMount[] = ownMounts(this.assignment);
    const volumes: ContainerPlan['volumes'] = [];
    for (const one of list(service['volumes'])) {
      const { source, target, readOnly } = volumeOf(one);
      if (source === null) continue;
      if (isAbsolute(source)) mounts.push({ source, target, readOnly });
      else volumes.push({ name: this.volumeName(source, whole), target, readOnly });
    }
    return { mounts, volumes };
  }

  /** What is built without a name has the one that compose gives it: joined by `-` in its second version, which writes the project down. */
  private image(service: Service, whole: Service): string {
    if (typeof service['image'] === 'string') return service['image'];
    if (isEmpty(service['build'] ?? null)) throw this.fault('composeNoImage');
    return `${this.project(whole)}${typeof whole['name'] === 'string' ? '-' : '_'}${this.runtime.service}`;
  }

  private project(whole: Service): string {
    if (typeof whole['name'] === 'string') return whole['name'];
    return posix
      .basename(dirname(this.file))
      .toLowerCase()
      .replaceAll(/[^a-z0-9_-]/g, '');
  }

  /** As compose itself names it, so that what it put there is found. */
  private volumeName(key: string, whole: Service): string {
    const name = at(whole, 'volumes', key, 'name');
    if (typeof name === 'string') return name;
    if (at(whole, 'volumes', key, 'external') === true) return key;
    return `${this.project(whole)}_${key}`;
  }

  private fault(
    key: 'composeNoImage' | 'composeUnreadable' | 'composeNoService' | 'composeUnsupported',
    values: Record<string, string | number> = {},
  ) {
    return new PrepareError(text(`docker.${key}`, { file: this.runtime.file, service: this.runtime.service, ...values }));
  }
}

function hostFields(service: Service): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  if (service['read_only'] === true) fields['ReadonlyRootfs'] = true;
  const groups = list(service['group_add']).map(String);
  if (groups.length > 0) fields['GroupAdd'] = groups;
  const hosts = hostsOf(service['extra_hosts']);
  if (hosts.length > 0) fields['ExtraHosts'] = hosts;
  const dns = list(service['dns']).map(String);
  if (dns.length > 0) fields['Dns'] = dns;
  const tmpfs = list(service['tmpfs']).map((one) => String(one).split(/:(.*)/s));
  if (tmpfs.length > 0) fields['Tmpfs'] = Object.fromEntries(tmpfs.map(([target, options]) => [target, options ?? '']));
  const devices = list(service['devices']).map(deviceOf);
  if (devices.length > 0) fields['Devices'] = devices;
  const limits = Object.entries((service['ulimits'] ?? {}) as Record<string, number | { soft: number; hard: number }>);
  if (limits.length > 0) {
    fields['Ulimits'] = limits.map(([Name, limit]) =>
      typeof limit === 'number' ? { Name, Soft: limit, Hard: limit } : { Name, Soft: limit.soft, Hard: limit.hard },
    );
  }
  return fields;
}

function deviceOf(one: unknown): Record<string, string> {
  const { source, target, permissions } = one as Record<string, string>;
  const [from, to, how] = typeof one === 'string' ? one.split(':') : [source, target, permissions];
  return { PathOnHost: from, PathInContainer: to ?? from, CgroupPermissions: how ?? 'rwm' };
}

function hostsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.map((one) => String(one).replace('=', ':'));
  return Object.entries((value ?? {}) as Record<string, unknown>).map(([name, address]) => `${name}:${String(address)}`);
}

function deviceRequests(devices: readonly unknown[]): Record<string, unknown>[] {
  return devices.map((one) => {
    const device = one as { driver?: string; count?: number | string; device_ids?: string[]; capabilities?: string[] };
    const ids = device.device_ids ?? [];
    const count = device.count === undefined || device.count === 'all' ? -1 : Number(device.count);
    return {
      Driver: device.driver ?? '',
      ...(ids.length > 0 ? { DeviceIDs: ids.map(String) } : { Count: count }),
      Capabilities: [device.capabilities ?? ['gpu']],
    };
  });
}

/** `source:target[:options]`, or the long form. A path without a source is an anonymous volume, which a run does not need. */
function volumeOf(one: unknown): { source: string | null; target: string; readOnly: boolean } {
  if (typeof one === 'string') {
    const [source, target, options = ''] = one.split(':');
    return target === undefined ? { source: null, target: source, readOnly: false } : { source, target, readOnly: /\bro\b/.test(options) };
  }
  const { source, target, read_only: readOnly } = one as { source?: string; target: string; read_only?: boolean };
  return { source: source ?? null, target, readOnly: readOnly === true };
}

function scalar(value: unknown): string | null {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}

function words(value: unknown): string[] | null {
  if (typeof value === 'string') return splitWords(value);
  return Array.isArray(value) ? value.map(String) : null;
}

function stringsOf(value: unknown): Record<string, string> {
  const pairs: [string, unknown][] = Array.isArray(value)
    ? value.map((one) => String(one).split(/=(.*)/s)).map(([name, content]) => [name, content])
    : Object.entries((value ?? {}) as Record<string, unknown>);
  // Without a value it would be taken from our own environment, which is nobody's business.
  return Object.fromEntries(
    pairs.filter(([, content]) => content !== null && content !== undefined).map(([name, content]) => [name, String(content)]),
  );
}

function bytes(value: unknown): number | null {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return null;
  // Compose counts `1g` and `1gb` in powers of 1024.
  return parseBytes(value.replace(/^([\d.]+)\s*([kmgt])i?b?$/i, '$1$2iB')) ?? null;
}

function thousandths(value: unknown): number {
  return Math.round(Number(value ?? 0) * 1000) || 0;
}

function list(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return value === undefined || value === null ? [] : [value];
}

function at(value: unknown, ...path: string[]): unknown {
  let found = value;
  for (const name of path) found = (found as Record<string, unknown> | null | undefined)?.[name];
  return found;
}

function isEmpty(value: unknown): boolean {
  return value === null || value === false || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);
}

/** `config` writes `$$` for each `$` that it leaves in place. */
function plain(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('$$', '$');
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, content]) => [name, plain(content)]));
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1) ?? '';
}
