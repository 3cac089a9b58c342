import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Environment } from './environment';
import { ClientError, EXIT } from './failures';

/** A token for one installation. */
export interface Credential {
  token: string;
  email: string;
}

interface Kept {
  /** Address of the installation of the last log-in. */
  current?: string;
  sites: Record<string, Credential>;
}

/** The tokens of this person, in a file that nobody else can read. */
export class Credentials {
  constructor(private readonly environment: Environment) {}

  /**
   * The installation and the token that commands use.
   * @param site as it was typed; undefined: that of the environment, or of the last log-in. @throws ClientError where there is none.
   */
  choose(site: string | undefined): { site: string; token: string } {
    const kept = this.read();
    const wanted = site ?? this.environment.site ?? kept.current;
    if (wanted === undefined) throw new ClientError('Log in first: showrunner login http://lab1:8080', EXIT.permission);
    const address = addressOf(wanted);
    const token = this.environment.token ?? kept.sites[address]?.token;
    if (token === undefined) throw new ClientError(`Log in first: showrunner login ${address}`, EXIT.permission);
    return { site: address, token };
  }

  /** From now on commands go there, unless they say otherwise. */
  keep(site: string, credential: Credential): void {
    const kept = this.read();
    this.write({ current: site, sites: { ...kept.sites, [site]: credential } });
  }

  forget(site: string): void {
    const { current, sites } = this.read();
    const rest = Object.fromEntries(Object.entries(sites).filter(([address]) => address !== site));
    const next = current === site ? Object.keys(rest)[0] : current;
    this.write({ ...(next === undefined ? {} : { current: next }), sites: rest });
  }

  private read(): Kept {
    const { credentialsFile } = this.environment;
    if (!existsSync(credentialsFile)) return { sites: {} };
    try {
      const kept = JSON.parse(readFileSync(credentialsFile, 'utf8')) as Partial<Kept> | null;
      return { ...kept, sites: kept?.sites ?? {} };
    } catch (error) {
      throw new ClientError(`${credentialsFile} cannot be read (${(error as Error).message}). Remove it, then log in again.`, EXIT.files);
    }
  }

  /** In one step, so that a crash leaves the old file or the new one. */
  private write(kept: Kept): void {
    const { credentialsFile } = this.environment;
    const part = `${credentialsFile}.${process.pid}`;
    mkdirSync(dirname(credentialsFile), { recursive: true, mode: 0o700 });
    writeFileSync(part, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600 });
    chmodSync(part, 0o600);
    renameSync(part, credentialsFile);
  }
}

/** @param typed such as `lab1:8080`. @returns the one spelling of an address, without a slash at its end. @throws ClientError. */
export function addressOf(typed: string): string {
  const full = /^https?:\/\//i.test(typed) ? typed : `http://${typed}`;
  if (!URL.canParse(full)) throw new ClientError(`${typed} is no address. Write one such as http://lab1:8080.`, EXIT.usage);
  const { origin, pathname } = new URL(full);
  return `${origin}${pathname.replace(/\/+$/, '')}`;
}
