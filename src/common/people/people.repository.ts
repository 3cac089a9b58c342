import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Brackets, type Repository, type SelectQueryBuilder } from 'typeorm';
import { AppConfig } from '../config/app-config';
import { likeWords } from '../database/search-words';
import { ExternalUser } from '../external-users/external-user.entity';
import { SpaceUsage } from '../space/space.entity';
import { User } from '../users/user.entity';

export const PEOPLE_FILTERS = ['accounts', 'administrators', 'unconfirmed', 'suspended', 'leaving', 'guests', 'demo', 'external'] as const;
export type PeopleFilter = (typeof PEOPLE_FILTERS)[number];
export const PEOPLE_ORDERS = ['seen', 'created', 'name', 'space'] as const;
export type PeopleOrder = (typeof PEOPLE_ORDERS)[number];

export interface PeopleQuery {
  filter: PeopleFilter;
  /** Parts of the address or the name; all have to be there. */
  words: readonly string[];
  /** `seen` and `created`: the latest first; `space`: the most first. */
  order: PeopleOrder;
}

/** Somebody in a list. */
export interface Listed {
  user: User;
  /** Bytes as they were last counted. */
  usedBytes: number;
  /** Name in the external table, or at the institute; null for others. */
  externalName: string | null;
}

const EXTERNAL = `EXISTS (SELECT 1 FROM external_users e WHERE e.user_id = user.id)
  OR EXISTS (SELECT 1 FROM identities i WHERE i.user_id = user.id)`;

/** People as administrators look for them: by one question for a page, and one for how many there are. */
@Injectable()
export class PeopleRepository {
  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    private readonly config: AppConfig,
  ) {}

  count(query: PeopleQuery): Promise<number> {
    return this.matching(query).getCount();
  }

  async page(query: PeopleQuery, from: number, most: number): Promise<Listed[]> {
    const { entities, raw } = await sorted(this.matching(query), query.order)
      .leftJoin(SpaceUsage, 'usage', 'usage.owner_id = user.id')
      .leftJoin(ExternalUser, 'mirror', 'mirror.user_id = user.id')
      .addSelect('usage.used_bytes', 'used_bytes')
      .addSelect(`COALESCE(mirror.name, (SELECT MIN(i.name) FROM identities i WHERE i.user_id = user.id))`, 'external_name')
      .offset(from)
      .limit(most)
      .getRawAndEntities<{ used_bytes: number | string | null; external_name: string | null }>();
    return entities.map((user, index) => ({
      user,
      usedBytes: Number(raw[index]?.used_bytes ?? 0),
      externalName: raw[index]?.external_name ?? null,
    }));
  }

  private matching({ filter, words }: PeopleQuery): SelectQueryBuilder<User> {
    const query = this.users.createQueryBuilder('user').where('user.kind = :kind', { kind: filter === 'guests' ? 'guest' : 'account' });
    this.narrow(query, filter);
    for (const [index, word] of words.entries()) {
      const pattern = { [`word${index}`]: likeWords(word) };
      const like = (column: string) => `LOWER(${column}) LIKE :word${index} ESCAPE '!'`;
      query.andWhere(new Brackets((either) => either.where(like('user.email'), pattern).orWhere(like('user.display_name'), pattern)));
    }
    return query;
  }

  private narrow(query: SelectQueryBuilder<User>, filter: PeopleFilter): void {
    if (filter === 'administrators') query.andWhere('user.is_admin = :yes', { yes: true });
    if (filter === 'unconfirmed') query.andWhere('user.confirmed_ms IS NULL');
    if (filter === 'suspended') query.andWhere('user.suspended_ms IS NOT NULL');
    if (filter === 'leaving') query.andWhere('user.leaving_ms IS NOT NULL');
    if (filter === 'external') query.andWhere(`(${EXTERNAL})`);
    if (filter !== 'demo') return;
    const demos = this.config.settings.DEMO_USERLIST.map((name) => name.toLowerCase());
    // An empty list is no SQL.
    query.andWhere('LOWER(COALESCE(user.email, user.display_name)) IN (:...demos)', { demos: demos.length === 0 ? [''] : demos });
  }
}

function sorted(query: SelectQueryBuilder<User>, order: PeopleOrder): SelectQueryBuilder<User> {
  if (order === 'name') return query.orderBy('user.display_name').addOrderBy('user.id');
  if (order === 'space') return query.orderBy('COALESCE(usage.used_bytes, 0)', 'DESC').addOrderBy('user.id');
  return query.orderBy(order === 'created' ? 'user.created_ms' : 'user.last_seen_ms', 'DESC').addOrderBy('user.id');
}
