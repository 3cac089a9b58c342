import { Injectable, Logger } from '@nestjs/common';
import * as client from 'openid-client';
import { AppConfig } from '../../common/config/app-config';
import { ForbiddenError, InvalidInputError, UnavailableError } from '../../common/errors';
import { personOfClaims } from './oidc-claims';
import type { InstitutePerson } from './institute-person';

const ANSWER_WITHIN_S = 5;
/** What the provider says of itself is asked for again after so long. */
const KNOWN_FOR_MS = 3_600_000;

/** What is kept of a log-in that began, in the browser that began it and nowhere else. */
export interface OidcFlow {
  state: string;
  nonce: string;
  verifier: string;
}

/** The OpenID Connect provider of the institute: code flow with PKCE, state and nonce; each answer is checked whole, signatures too. */
@Injectable()
export class OidcProvider {
  private readonly logger = new Logger(OidcProvider.name);
  private known: { configuration: Promise<client.Configuration>; untilMs: number } | undefined;

  constructor(private readonly config: AppConfig) {}

  get isConfigured(): boolean {
    return this.config.settings.OIDC_ISSUER !== undefined;
  }

  /** Where the provider sends people back to. */
  get callback(): string {
    return `${this.config.publicUrl}/login/oidc/callback`;
  }

  /** @returns the address at the provider to go to. @throws UnavailableError when it does not answer. */
  async begin(): Promise<{ address: string; flow: OidcFlow }> {
    const configuration = await this.configuration();
    const flow = { state: client.randomState(), nonce: client.randomNonce(), verifier: client.randomPKCECodeVerifier() };
    const address = client.buildAuthorizationUrl(configuration, {
      redirect_uri: this.callback,
      scope: this.config.settings.OIDC_SCOPES,
      code_challenge: await client.calculatePKCECodeChallenge(flow.verifier),
      code_challenge_method: 'S256',
      state: flow.state,
      nonce: flow.nonce,
    });
    return { address: address.href, flow };
  }

  /**
   * Who came back.
   * @param query of the address to which the provider sent the browser, with its question mark.
   * @throws ForbiddenError when the provider let nobody in, UnavailableError when it does not answer, InvalidInputError for an answer that
   * was not meant for this log-in, or that cannot be trusted.
   */
  async finish({ state, nonce, verifier }: OidcFlow, query: string): Promise<InstitutePerson> {
    const configuration = await this.configuration();
    try {
      const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true };
      const tokens = await client.authorizationCodeGrant(configuration, new URL(`${this.callback}${query}`), checks);
      const claims = tokens.claims()!;
      const more = configuration.serverMetadata().userinfo_endpoint
        ? await client.fetchUserInfo(configuration, tokens.access_token, claims.sub)
        : {};
      return personOfClaims({ ...more, ...claims }, this.config.settings);
    } catch (error) {
      throw this.refusal(error);
    }
  }

  /** Where the log-in at the provider is ended, too; null where it offers that to nobody, or does not answer. */
  async logOutAddress(): Promise<string | null> {
    try {
      const configuration = await this.configuration();
      if (!configuration.serverMetadata().end_session_endpoint) return null;
      return client.buildEndSessionUrl(configuration, { client_id: this.config.settings.OIDC_CLIENT_ID! }).href;
    } catch {
      return null;
    }
  }

  /** Who it is, and where its keys are. @throws UnavailableError when it does not answer. */
  async identity(): Promise<{ issuer: string; keys: URL }> {
    const { issuer, jwks_uri: keys } = (await this.configuration()).serverMetadata();
    if (keys === undefined) throw new UnavailableError('institute.away', { title: this.config.settings.OIDC_TITLE });
    return { issuer, keys: new URL(keys) };
  }

  private configuration(): Promise<client.Configuration> {
    if (this.known && this.known.untilMs > Date.now()) return this.known.configuration;
    const configuration = this.discover();
    this.known = { configuration, untilMs: Date.now() + KNOWN_FOR_MS };
    // The next one asks again.
    configuration.catch(() => (this.known = undefined));
    return configuration;
  }

  private async discover(): Promise<client.Configuration> {
    const { OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, OIDC_INSECURE } = this.config.settings;
    const execute = OIDC_INSECURE ? [client.allowInsecureRequests] : [];
    try {
      const found = await client.discovery(new URL(OIDC_ISSUER!), OIDC_CLIENT_ID!, undefined, client.None(), {
        execute,
        timeout: ANSWER_WITHIN_S,
      });
      const server = found.serverMetadata();
      const configuration = new client.Configuration(server, OIDC_CLIENT_ID!, undefined, authentication(server, OIDC_CLIENT_SECRET));
      configuration.timeout = ANSWER_WITHIN_S;
      for (const change of execute) change(configuration);
      // Not by the connection alone: on a network of plain http it proves nothing.
      client.enableNonRepudiationChecks(configuration);
      return configuration;
    } catch (error) {
      this.logger.warn(`The provider ${OIDC_ISSUER} cannot be asked: ${wordsOf(error)}`);
      throw new UnavailableError('institute.away', { title: this.config.settings.OIDC_TITLE });
    }
  }

  private refusal(error: unknown): Error {
    const title = this.config.settings.OIDC_TITLE;
    this.logger.warn(`A log-in at ${this.config.settings.OIDC_ISSUER} came to nothing: ${wordsOf(error)}`);
    if (error instanceof client.AuthorizationResponseError && error.error === 'access_denied')
      return new ForbiddenError('institute.denied', { title });
    if (isSilence(error)) return new UnavailableError('institute.away', { title });
    return new InvalidInputError('institute.badAnswer', { title }, 'form');
  }
}

/** As the provider takes it; by the header where it takes both. */
function authentication(server: Readonly<client.ServerMetadata>, secret: string | undefined): client.ClientAuth {
  if (secret === undefined) return client.None();
  const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  return methods.includes('client_secret_basic') ? client.ClientSecretBasic(secret) : client.ClientSecretPost(secret);
}

/** Whether nobody answered, rather than with something wrong. */
function isSilence(error: unknown): boolean {
  const { name, code, cause } = error as { name?: string; code?: string; cause?: { status?: number } };
  if (name === 'TimeoutError' || code === 'OAUTH_TIMEOUT') return true;
  if (error instanceof TypeError && error.message === 'fetch failed') return true;
  return typeof cause?.status === 'number' && cause.status >= 500;
}

/** For the log: what went wrong, and what was behind it. */
function wordsOf(error: unknown): string {
  const { message, code, cause } = error as { message?: string; code?: string; cause?: { message?: string } };
  return [code, message, cause?.message].filter((word) => typeof word === 'string').join('; ');
}
