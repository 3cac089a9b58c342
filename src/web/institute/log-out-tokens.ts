import { Injectable, Logger } from '@nestjs/common';
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload } from 'jose';
import { AppConfig } from '../../common/config/app-config';
import { InvalidInputError, UnavailableError } from '../../common/errors';
import { OidcProvider } from './oidc-provider';

/** Whose log-in at the provider is over: all of somebody's, one of them, or one of somebody who is not named. */
export interface EndedThere {
  issuer: string;
  subject: string | null;
  sid: string | null;
  /** When the provider said so, by its clock. */
  saidMs: number;
}

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const TYPES: ReadonlySet<unknown> = new Set([undefined, 'JWT', 'logout+jwt']);
/** Signatures with a secret that both know are no proof of who signed. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];
const OLDEST_S = 300;
/** So far may the clock of the provider be off. */
const TOLERANCE_S = 60;
const ANSWER_WITHIN_MS = 5000;

/** Reads what the provider says in the back channel (OpenID Connect Back-Channel Logout 1.0). */
@Injectable()
export class LogOutTokens {
  private readonly logger = new Logger(LogOutTokens.name);
  private keys: { address: string; get: ReturnType<typeof createRemoteJWKSet> } | undefined;
  /** Tokens that were taken, with the time at which they would not be taken any more anyway. */
  private readonly taken = new Map<string, number>();

  constructor(
    private readonly provider: OidcProvider,
    private readonly config: AppConfig,
  ) {}

  /**
   * Does what follows from a token, once. What fails the provider may say again.
   * @throws InvalidInputError for what the provider did not say to us just now, or has said before; UnavailableError when its keys cannot be had.
   */
  async heed<Outcome>(token: string, work: (ended: EndedThere) => Promise<Outcome>): Promise<Outcome> {
    const { id, ended } = await this.read(token);
    try {
      return await work(ended);
    } catch (error) {
      this.taken.delete(id);
      throw error;
    }
  }

  /** @throws as `heed`. */
  private async read(token: string): Promise<{ id: string; ended: EndedThere }> {
    try {
      const { issuer, keys } = await this.provider.identity();
      const { payload, protectedHeader } = await jwtVerify(token, this.keysAt(keys), {
        issuer,
        audience: this.config.settings.OIDC_CLIENT_ID,
        algorithms: ALGORITHMS,
        maxTokenAge: OLDEST_S,
        clockTolerance: TOLERANCE_S,
        requiredClaims: ['iat', 'jti'],
      });
      if (!TYPES.has(protectedHeader.typ)) throw new Error(`of the type ${protectedHeader.typ}`);
      const ended = endedIn(payload, issuer);
      const id = payload.jti!;
      this.takeOnce(id);
      return { id, ended };
    } catch (error) {
      if (error instanceof UnavailableError) throw error;
      const { message } = error as Error;
      this.logger.warn(`What ${this.config.settings.OIDC_ISSUER} seems to say of a log-out does not count: ${message}`);
      if (lacksKeys(error)) throw new UnavailableError('institute.away', { title: this.config.settings.OIDC_TITLE });
      throw new InvalidInputError('institute.badAnswer', { title: this.config.settings.OIDC_TITLE });
    }
  }

  private keysAt(address: URL): ReturnType<typeof createRemoteJWKSet> {
    if (this.keys?.address !== address.href)
      this.keys = { address: address.href, get: createRemoteJWKSet(address, { timeoutDuration: ANSWER_WITHIN_MS }) };
    return this.keys.get;
  }

  /** Of this process; whichever hears it again ends nothing that began later. */
  private takeOnce(id: string): void {
    const now = Date.now();
    for (const [known, untilMs] of this.taken) if (untilMs < now) this.taken.delete(known);
    if (this.taken.has(id)) throw new Error('it has come before');
    this.taken.set(id, now + (OLDEST_S + 2 * TOLERANCE_S) * 1000);
  }
}

/** Whether nothing can be said of the token, since the address of the keys does not answer, or with something else. */
function lacksKeys(error: unknown): boolean {
  if (error instanceof TypeError && error.message === 'fetch failed') return true;
  // The library has no kind of its own for an answer of another status, or one that is no JSON.
  const isOtherAnswer = error instanceof errors.JOSEError && error.code === 'ERR_JOSE_GENERIC';
  return isOtherAnswer || error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid;
}

/** An id token must never do: it has a nonce, and tells of no event. */
function endedIn({ sub, sid, iat, jti, events, nonce }: JWTPayload, issuer: string): EndedThere {
  const event = typeof events === 'object' && events !== null ? (events as Record<string, unknown>)[EVENT] : undefined;
  if (typeof event !== 'object' || event === null) throw new Error('it tells of no log-out');
  if (nonce !== undefined) throw new Error('it has a nonce');
  if (typeof jti !== 'string' || jti === '') throw new Error('it has no id');
  const [subject, session] = [textOrNull(sub), textOrNull(sid)];
  if (subject === null && session === null) throw new Error('it names nobody');
  return { issuer, subject, sid: session, saidMs: iat! * 1000 };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
