import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { Injectable, Logger } from '@nestjs/common';
import {
  Client,
  ConstraintViolationError,
  type Entry as LdapEntry,
  InappropriateAuthError,
  InvalidCredentialsError,
  NoSuchObjectError,
  SizeLimitExceededError,
  UnwillingToPerformError,
} from 'ldapts';
import { AppConfig } from '../../common/config/app-config';
import { isTooLong } from '../../common/users/passwords';
import { firstName, type InstitutePerson, isSubject, oneAddress } from './institute-person';
import { fillFilter } from './ldap-filter';

/** How directories say that a password does not open an entry: it is another one, or the entry is locked or has none. */
const REFUSALS = [InvalidCredentialsError, NoSuchObjectError, InappropriateAuthError, UnwillingToPerformError, ConstraintViolationError];
/** Of `LDAP_GROUP_FILTER`: more groups of one person say nothing more. */
const MOST_GROUPS = 1000;
/** The one directory that is set up. */
export const LDAP_ISSUER = 'ldap';

/** People of a directory: looked up by their name, and let in by their password, which the directory compares. */
@Injectable()
export class LdapDirectory {
  private readonly logger = new Logger(LdapDirectory.name);

  constructor(private readonly config: AppConfig) {}

  get isConfigured(): boolean {
    return this.config.settings.LDAP_URL !== undefined;
  }

  /**
   * Whether a name and a password belong together there.
   * @returns the person; `nobody` for every other name and password, after as many questions; `away` when there is no answer in time.
   */
  async ask(login: string, password: string): Promise<InstitutePerson | 'nobody' | 'away'> {
    // A bind without a password succeeds and says nothing of who it was.
    if (!this.isConfigured || login === '' || password === '' || isTooLong(password)) return 'nobody';
    const [searching, binding] = [this.client(), this.client()];
    try {
      await this.open(searching);
      const entry = await this.find(searching, login);
      await this.secure(binding);
      const isRight = await this.compare(binding, entry?.dn ?? this.nowhere(), password);
      if (!entry || !isRight) return 'nobody';
      return await this.personOf(searching, entry);
    } catch (error) {
      this.logger.warn(`The directory cannot be asked: ${(error as Error).name} ${(error as Error).message}`);
      return 'away';
    } finally {
      for (const client of [searching, binding]) await client.unbind().catch(() => undefined);
    }
  }

  private client(): Client {
    const { LDAP_URL, LDAP_TIMEOUT } = this.config.settings;
    const within = LDAP_TIMEOUT * 1000;
    const tls = LDAP_URL!.toLowerCase().startsWith('ldaps:') ? { tlsOptions: this.tlsOptions() } : {};
    return new Client({ url: LDAP_URL!, timeout: within, connectTimeout: within, ...tls });
  }

  /** Certificates are always checked, for the name that is set; an authority of one's own is named by a file. */
  private tlsOptions(): ConnectionOptions {
    const { LDAP_CA_FILE, LDAP_URL } = this.config.settings;
    const host = new URL(LDAP_URL!).hostname.replace(/^\[|\]$/g, '');
    // With STARTTLS nobody else says whose certificate it has to be.
    const whose = isIP(host) === 0 ? { host, servername: host } : { host };
    return { minVersion: 'TLSv1.2', ...whose, ...(LDAP_CA_FILE === undefined ? {} : { ca: readFileSync(LDAP_CA_FILE) }) };
  }

  private async secure(client: Client): Promise<void> {
    const { LDAP_URL, LDAP_TLS } = this.config.settings;
    if (LDAP_TLS === 'starttls' && !LDAP_URL!.toLowerCase().startsWith('ldaps:')) await client.startTLS(this.tlsOptions());
  }

  private async open(client: Client): Promise<void> {
    await this.secure(client);
    const { LDAP_BIND_DN, LDAP_BIND_PASSWORD } = this.config.settings;
    if (LDAP_BIND_DN !== undefined) await client.bind(LDAP_BIND_DN, LDAP_BIND_PASSWORD);
  }

  /** @returns null for a name that nobody has, or several. */
  private async find(client: Client, login: string): Promise<LdapEntry | null> {
    const { LDAP_BASE, LDAP_FILTER, LDAP_ID, LDAP_LOGIN, LDAP_NAME, LDAP_EMAIL, LDAP_MEMBER_OF } = this.config.settings;
    const attributes = [LDAP_ID, LDAP_LOGIN, LDAP_NAME, LDAP_EMAIL, LDAP_MEMBER_OF];
    const filter = fillFilter(LDAP_FILTER, { login });
    try {
      const found = await client.search(LDAP_BASE!, {
        scope: 'sub',
        filter,
        sizeLimit: 2,
        attributes,
        explicitBufferAttributes: [LDAP_ID],
      });
      if (found.searchEntries.length > 1)
        this.logger.warn(`Several people of the directory are called ${JSON.stringify(login)}: LDAP_FILTER`);
      return found.searchEntries.length === 1 ? found.searchEntries[0] : null;
    } catch (error) {
      if (error instanceof SizeLimitExceededError) return null;
      throw error;
    }
  }

  private async compare(client: Client, dn: string, password: string): Promise<boolean> {
    try {
      await client.bind(dn, password);
      return true;
    } catch (error) {
      if (REFUSALS.some((kind) => error instanceof kind)) return false;
      throw error;
    }
  }

  /** A name that nobody has: who is not there costs as many questions as who is. */
  private nowhere(): string {
    return `cn=${randomUUID()},${this.config.settings.LDAP_BASE}`;
  }

  private async personOf(client: Client, entry: LdapEntry): Promise<InstitutePerson | 'nobody'> {
    const { LDAP_ID, LDAP_LOGIN, LDAP_NAME, LDAP_EMAIL, LDAP_MEMBER_OF, LDAP_GROUP_BASE } = this.config.settings;
    const subject = idOf(entry[LDAP_ID]);
    if (!isSubject(subject)) {
      this.logger.error(`${entry.dn} has no ${LDAP_ID} by which it can be known again: set LDAP_ID to an attribute that never changes`);
      return 'nobody';
    }
    const [login] = textsOf(entry[LDAP_LOGIN]);
    const groups = LDAP_GROUP_BASE === undefined ? textsOf(entry[LDAP_MEMBER_OF]) : await this.groupsOf(client, entry.dn, login ?? '');
    const email = oneAddress(textsOf(entry[LDAP_EMAIL])[0]);
    const name = firstName(login, entry.dn);
    return {
      source: 'ldap',
      issuer: LDAP_ISSUER,
      subject,
      name,
      displayName: firstName(textsOf(entry[LDAP_NAME])[0], login),
      email,
      groups,
    };
  }

  private async groupsOf(client: Client, dn: string, login: string): Promise<string[]> {
    const { LDAP_GROUP_BASE, LDAP_GROUP_FILTER } = this.config.settings;
    const filter = fillFilter(LDAP_GROUP_FILTER, { dn, login });
    const { searchEntries } = await client.search(LDAP_GROUP_BASE!, { scope: 'sub', filter, sizeLimit: MOST_GROUPS, attributes: ['cn'] });
    return searchEntries.map((group) => group.dn);
  }
}

type Values = LdapEntry[string] | undefined;

function textsOf(values: Values): string[] {
  return (Array.isArray(values) ? values : [values]).flatMap((value) =>
    value === undefined || value.length === 0 ? [] : value.toString(),
  );
}

/** Text as it is, and bytes that are none in hexadecimal digits: the ids of Active Directory are bytes. */
function idOf(values: Values): string {
  const [value] = Array.isArray(values) ? values : [values];
  if (value === undefined || typeof value === 'string') return value ?? '';
  return value.every((byte) => byte >= 0x20 && byte < 0x7f) ? value.toString('latin1') : value.toString('hex');
}
