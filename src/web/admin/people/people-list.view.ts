import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../../common/config/app-config';
import {
  PEOPLE_FILTERS,
  PEOPLE_ORDERS,
  PeopleRepository,
  type PeopleFilter,
  type PeopleOrder,
} from '../../../common/people/people.repository';
import { text, type TextKey } from '../../../locales/text';
import { pagesOf, type Pages } from '../../projects/pages';
import { address } from '../../views/helpers';
import type { PeopleListQuery } from './people-query';
import { chipsOf, type Chip } from './person-chips';

const PER_PAGE = 50;

const FILTER_WORDS: Record<PeopleFilter, TextKey> = {
  accounts: 'people.filterAccounts',
  administrators: 'people.filterAdministrators',
  unconfirmed: 'people.filterUnconfirmed',
  suspended: 'people.filterSuspended',
  leaving: 'people.filterLeaving',
  guests: 'people.filterGuests',
  demo: 'people.filterDemo',
  external: 'people.filterExternal',
};
const ORDER_WORDS: Record<PeopleOrder, TextKey> = {
  seen: 'people.sortSeen',
  created: 'people.sortCreated',
  name: 'people.sortName',
  space: 'people.sortSpace',
};

/** What `views/admin/people/index.hbs` shows. */
export interface PeopleListView {
  title: string;
  typed: string;
  filters: Choice[];
  orders: Choice[];
  people: PersonRow[];
  total: number;
  pages: Pages;
  previous: string | null;
  next: string | null;
  isNarrowed: boolean;
}

interface Choice {
  value: string;
  word: string;
  isChosen: boolean;
}

interface PersonRow {
  id: string;
  name: string;
  email: string | null;
  chips: Chip[];
  usedBytes: number;
  seenMs: number;
  createdMs: number;
}

/** Accounts and guests, a page at a time. */
@Injectable()
export class PeopleList {
  constructor(
    private readonly people: PeopleRepository,
    private readonly config: AppConfig,
  ) {}

  async show(query: PeopleListQuery): Promise<PeopleListView> {
    const total = await this.people.count(query);
    const pages = pagesOf(query.page, PER_PAGE, total);
    const listed = await this.people.page(query, pages.from, PER_PAGE);
    return {
      title: text('admin.people'),
      typed: query.typed,
      filters: PEOPLE_FILTERS.map((value) => ({ value, word: text(FILTER_WORDS[value]), isChosen: value === query.filter })),
      orders: PEOPLE_ORDERS.map((value) => ({ value, word: text(ORDER_WORDS[value]), isChosen: value === query.order })),
      people: listed.map(({ user, usedBytes, externalName }) => ({
        id: user.id,
        name: user.displayName,
        email: user.email,
        chips: chipsOf(this.config, user, externalName),
        usedBytes,
        seenMs: user.lastSeenMs,
        createdMs: user.createdMs,
      })),
      total,
      pages,
      previous: addressOf(query, pages.previous),
      next: addressOf(query, pages.next),
      isNarrowed: query.typed !== '' || query.filter !== 'accounts',
    };
  }
}

function addressOf({ filter, order, typed }: PeopleListQuery, page: number | null): string | null {
  return page === null ? null : address('/admin/people', [], { who: filter, sort: order, q: typed, page });
}
