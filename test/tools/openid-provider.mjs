/**
 * An OpenID Connect provider for tests, on the loopback: whoever `who` names is logged in there at once. What it signs can be changed on the
 * way, by whoever has its key, so that every kind of bad answer comes from a server that is right otherwise.
 */
import { createSign, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const SCOPES = 'openid email profile groups';
const KEY_ID = 'test';

/** @param {{ redirectUri: string, clientId: string, clientSecret: string, afterLogOut?: string }} client the one client that it knows. */
export async function startOpenIdProvider(client) {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return new TestProvider(server, client);
}

/** It warns of what matters in earnest: that it keeps everything in memory. */
function quietly(work) {
  const { warn } = console;
  console.warn = () => undefined;
  try {
    return work();
  } finally {
    console.warn = warn;
  }
}

class TestProvider {
  /** Who is logged in there; null: nobody is let in. */
  who = null;
  /** Claims by person. */
  people = new Map();
  /** @type {null | ((claims: object) => string)} makes another id token of the claims. */
  forge = null;

  constructor(server, client) {
    this.server = server;
    this.client = client;
    this.issuer = `http://127.0.0.1:${server.address().port}`;
    this.key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    this.provider = quietly(() => this.make());
    const handle = this.provider.callback();
    server.on('request', (request, response) => {
      if (request.url.startsWith('/interaction/')) void this.interact(request, response);
      else handle(request, response);
    });
  }

  make() {
    const { clientId, clientSecret, redirectUri } = this.client;
    const provider = new Provider(this.issuer, {
      clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] }],
      jwks: { keys: [{ ...this.key.export({ format: 'jwk' }), kid: KEY_ID, alg: 'RS256', use: 'sig' }] },
      cookies: { keys: ['a key of a test'] },
      scopes: SCOPES.split(' '),
      claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'preferred_username'], groups: ['groups'] },
      ttl: { AccessToken: 600, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
      pkce: { required: () => true },
      features: { devInteractions: { enabled: false } },
      interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
      findAccount: (_context, accountId) => ({ accountId, claims: () => ({ sub: accountId, ...this.people.get(accountId) }) }),
      loadExistingGrant: async ({ oidc }) => {
        const grant = new oidc.provider.Grant({ clientId, accountId: oidc.session.accountId });
        grant.addOIDCScope(SCOPES);
        await grant.save();
        return grant;
      },
    });
    provider.use(async (context, next) => {
      await next();
      if (context.path === '/token' && this.forge && context.body?.id_token)
        context.body.id_token = this.forge(JSON.parse(Buffer.from(context.body.id_token.split('.')[1], 'base64url').toString()));
    });
    return provider;
  }

  interact(request, response) {
    const result = this.who === null ? { error: 'access_denied' } : { login: { accountId: this.who } };
    return this.provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  }

  /** What the browser of somebody does there. @returns the path to which it is sent back, with its query. */
  async authorise(address) {
    const cookies = new Map();
    for (let next = new URL(address), hops = 0; hops < 10; hops += 1) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const answer = await fetch(next, { redirect: 'manual', headers: { cookie } });
      for (const line of answer.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
        cookies.set(name, value);
      }
      const location = answer.headers.get('location');
      if (location === null) throw new Error(`The provider answered ${answer.status}: ${await answer.text()}`);
      next = new URL(location, this.issuer);
      if (next.origin !== this.issuer) return `${next.pathname}${next.search}`;
    }
    throw new Error('The provider led nowhere');
  }

  /** An id token of its own hand, or of another key. */
  sign(claims, { key = this.key, header = {} } = {}) {
    const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${part({ alg: 'RS256', kid: KEY_ID, ...header })}.${part(claims)}`;
    if (header.alg === 'none') return `${signed}.`;
    return `${signed}.${createSign('RSA-SHA256').update(signed).sign(key, 'base64url')}`;
  }

  async close() {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
