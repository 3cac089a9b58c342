import { PEOPLE_FILTERS, PEOPLE_ORDERS, type PeopleQuery } from '../../../common/people/people.repository';
import { pageNumber } from '../../projects/pages';

/** Which people an administrator wants to see. */
export interface PeopleListQuery extends PeopleQuery {
  /** As it was typed. */
  typed: string;
  /** From 1. */
  page: number;
}

const LONGEST = 200;
const MOST_WORDS = 5;

/** Anything that is odd counts as absent. */
export function readPeopleQuery(query: Readonly<Record<string, unknown>>): PeopleListQuery {
  const { q, who, sort, page } = query;
  const typed = typeof q === 'string' ? q.trim().slice(0, LONGEST).toWellFormed() : '';
  return {
    filter: PEOPLE_FILTERS.find((one) => one === who) ?? 'accounts',
    order: PEOPLE_ORDERS.find((one) => one === sort) ?? 'seen',
    words: typed.split(/\s+/).filter(Boolean).slice(0, MOST_WORDS),
    typed,
    page: pageNumber(page),
  };
}
