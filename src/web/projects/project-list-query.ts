import type { Project } from '../../common/projects/project.entity';
import { currentLanguage } from '../../locales/language';
import { pageNumber } from './pages';

const ORDERS = ['changed', 'name', 'created'] as const;

/** Which projects somebody wants to see, and in which order. */
export interface ProjectListQuery {
  /** Part of the names; '' for all. */
  words: string;
  /** `changed`: last changed first; `created`: newest first. */
  order: (typeof ORDERS)[number];
  /** From 1. */
  page: number;
}

const LONGEST_WORDS = 200;

/** Anything that is odd counts as absent. */
export function readProjectListQuery(query: Readonly<Record<string, unknown>>): ProjectListQuery {
  const { q, sort, page } = query;
  return {
    words: typeof q === 'string' ? q.trim().slice(0, LONGEST_WORDS).toWellFormed() : '',
    order: ORDERS.find((one) => one === sort) ?? 'changed',
    page: pageNumber(page),
  };
}

/** Whether those of others are wanted. */
export function isOfShared({ whose }: Readonly<Record<string, unknown>>): boolean {
  return whose === 'shared';
}

/** @param projects last changed first. */
export function chosenProjects(projects: readonly Project[], { words, order }: Pick<ProjectListQuery, 'words' | 'order'>): Project[] {
  const { locale } = currentLanguage();
  const plain = (text: string) => text.normalize('NFKC').toLocaleLowerCase(locale);
  const wanted = plain(words);
  const chosen = projects.filter(({ name }) => plain(name).includes(wanted));
  const { compare } = new Intl.Collator(locale, { numeric: true });
  if (order === 'name') return chosen.sort((one, other) => compare(one.name, other.name));
  return order === 'created' ? chosen.sort((one, other) => other.createdMs - one.createdMs) : chosen;
}
