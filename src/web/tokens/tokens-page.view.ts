import { Injectable } from '@nestjs/common';
import type { ApiToken } from '../../common/api-tokens/api-token.entity';
import { ApiTokens } from '../../common/api-tokens/api-tokens';
import { ApiTokensRepository } from '../../common/api-tokens/api-tokens.repository';
import { TOKEN_SCOPES, type TokenScope } from '../../common/api-tokens/token-scopes';
import type { User } from '../../common/users/user.entity';
import { formatList } from '../../locales/formats';
import { text, type TextKey } from '../../locales/text';

/** What was entered for a new token. */
export interface EnteredToken {
  name: string;
  scopes: readonly string[];
  days: string;
}

/** What `views/tokens/manage.hbs` shows. */
export interface TokensPageView {
  title: string;
  pageClass: string;
  name: string;
  scopes: { value: TokenScope; label: string; help: string; isChosen: boolean }[];
  days: { value: number; isChosen: boolean }[];
  tokens: TokenRow[];
  /** Whether one of them lets somebody in. */
  areAnyLive: boolean;
  /** The new key, and what it is called; null where none was made just now. */
  made: { key: string; name: string } | null;
}

interface TokenRow {
  id: string;
  name: string;
  prefix: string;
  scopes: string;
  createdMs: number;
  expiresMs: number;
  usedMs: number | null;
  usedAddress: string | null;
  isOver: boolean;
}

const USUAL_DAYS = '90';
const USUAL_SCOPES: readonly string[] = ['read', 'files', 'run'];
const LABELS: Record<TokenScope, TextKey> = {
  read: 'tokens.scopeRead',
  files: 'tokens.scopeFiles',
  run: 'tokens.scopeRun',
  share: 'tokens.scopeShare',
  admin: 'tokens.scopeAdmin',
};
const HELPS: Record<TokenScope, TextKey> = {
  read: 'tokens.scopeReadHelp',
  files: 'tokens.scopeFilesHelp',
  run: 'tokens.scopeRunHelp',
  share: 'tokens.scopeShareHelp',
  admin: 'tokens.scopeAdminHelp',
};

/** The page on which people make tokens for their programs. */
@Injectable()
export class TokensPage {
  constructor(
    private readonly tokens: ApiTokens,
    private readonly rows: ApiTokensRepository,
  ) {}

  async of(person: User, entered?: EnteredToken, made: TokensPageView['made'] = null): Promise<TokensPageView> {
    const { name, scopes, days } = entered ?? { name: '', scopes: USUAL_SCOPES, days: USUAL_DAYS };
    const ended = await this.rows.endedOf(person.id);
    const tokens = (await this.rows.ofPerson(person.id)).map((token) => tokenRow(token, ended.has(token.id)));
    const offered = TOKEN_SCOPES.filter((scope) => scope !== 'admin' || person.isAdmin);
    return {
      title: text('tokens.title'),
      pageClass: 'page-mid',
      name: name.slice(0, 300),
      scopes: offered.map((value) => ({
        value,
        label: text(LABELS[value]),
        help: text(HELPS[value]),
        isChosen: scopes.includes(value),
      })),
      days: this.tokens.lives.map((value) => ({ value, isChosen: String(value) === days })),
      tokens,
      areAnyLive: tokens.some(({ isOver }) => !isOver),
      made,
    };
  }
}

function tokenRow({ id, name, prefix, scopes, createdMs, expiresMs, usedMs, usedAddress }: ApiToken, isOver: boolean): TokenRow {
  const words = formatList(scopes.map((scope) => text(LABELS[scope])));
  return { id, name, prefix, scopes: words, createdMs, expiresMs, usedMs, usedAddress, isOver };
}
