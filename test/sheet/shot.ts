import type { Page } from 'playwright-core';
import { COOKIES } from '../../src/web/http/cookies';
import type { Laboratory } from './laboratory';

export type Cookies = ReadonlyMap<string, string>;
export type WorldName = 'empty' | 'typical' | 'full' | 'error';

/** A page in one state, to be looked at in both themes and at three widths. */
export interface Shot {
  /** Pages of one family stand on one sheet. */
  family: string;
  /** One of a kind within its world: names the pictures. */
  name: string;
  /** Path and query. */
  address: string;
  /** Of whoever looks; undefined: somebody who is nobody yet. */
  as?: Cookies | undefined;
  /** What is done on the page before it is looked at, such as opening a menu. */
  act?: ((page: Page) => Promise<void>) | undefined;
  /** Status of the answer; 200 unless something else is expected. */
  status?: number | undefined;
  /** The page holds what the browser refuses to run, or ends in an error of the server: its console may say so. */
  isNoisy?: boolean | undefined;
  /** Something floats over the page, and may cover a part of any control. */
  isCovered?: boolean | undefined;
  /** Called before it is looked at, with nobody else looking at anything; what it returns is called afterwards. */
  alone?: (() => () => void) | undefined;
}

/** A laboratory with something in it, and the pages that are worth a look there. */
export interface World {
  name: WorldName;
  laboratory: Laboratory;
  shots: Shot[];
}

type More = Partial<Omit<Shot, 'family' | 'name' | 'address' | 'as'>>;

/** Collects what one person looks at. */
export class Album {
  readonly shots: Shot[] = [];

  add(family: string, name: string, address: string, as?: Cookies, more: More = {}): void {
    this.shots.push({ family, name, address, as, ...more });
  }

  /** The same page in English and in Chinese. */
  addBoth(family: string, name: string, address: string, as?: Cookies, more: More = {}): void {
    this.add(family, name, address, as, more);
    this.add(family, `${name}-zh`, address, inChinese(as), more);
  }
}

/** The same person, who chose Chinese. */
export function inChinese(cookies: Cookies = new Map()): Cookies {
  return new Map([...cookies, [COOKIES.language, 'zh']]);
}
