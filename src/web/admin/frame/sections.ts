import type { Application } from 'express';
import type { TextKey } from '../../../locales/text';

/** A part of the administration area: its entry in the navigation stands here and shows as soon as one of its pages is a route. */
interface SectionRule {
  key: SectionKey;
  /** Where its page is; of several the first that exists. */
  paths: readonly string[];
  icon: string;
  label: TextKey;
}

export type SectionKey = 'overview' | 'people' | 'groups' | 'pipelines' | 'runners' | 'queue' | 'disk' | 'mail' | 'cleaner' | 'audit';

/** In the order of the navigation. */
const RULES: readonly SectionRule[] = [
  { key: 'overview', paths: ['/admin'], icon: 'layout-dashboard', label: 'admin.overview' },
  { key: 'people', paths: ['/admin/people'], icon: 'users', label: 'admin.people' },
  { key: 'groups', paths: ['/admin/groups'], icon: 'users-group', label: 'admin.groups' },
  { key: 'pipelines', paths: ['/admin/pipelines'], icon: 'route', label: 'admin.pipelines' },
  { key: 'runners', paths: ['/admin/runners', '/runners'], icon: 'server', label: 'admin.runners' },
  { key: 'queue', paths: ['/admin/queue'], icon: 'stack-2', label: 'admin.queue' },
  { key: 'disk', paths: ['/admin/disk'], icon: 'database', label: 'admin.disk' },
  { key: 'mail', paths: ['/admin/mail'], icon: 'mail', label: 'admin.mail' },
  { key: 'cleaner', paths: ['/admin/cleaner'], icon: 'recycle', label: 'admin.cleaner' },
  { key: 'audit', paths: ['/admin/audit'], icon: 'history', label: 'admin.audit' },
];

export type Section = Pick<SectionRule, 'key' | 'icon' | 'label'> & {
  /** Below the base path. */
  path: string;
};

const known = new WeakMap<Application, Section[]>();

/** The parts that this application has pages for. Asked once the router is complete. */
export function sectionsOf(app: Application): readonly Section[] {
  const found = known.get(app) ?? findSections(app);
  known.set(app, found);
  return found;
}

/** The part to which a page belongs; undefined outside of the area. @param path below the base path, with or without its query. */
export function sectionAt(sections: readonly Section[], path: string): Section | undefined {
  const place = path.replace(/[?#].*$/, '');
  const inside = sections.filter((section) => place === section.path || place.startsWith(`${section.path}/`));
  return inside.toSorted((one, other) => other.path.length - one.path.length)[0];
}

/** Where the page of a part is; null while there is none. */
export function pathOf(sections: readonly Section[], key: SectionKey): string | null {
  return sections.find((section) => section.key === key)?.path ?? null;
}

function findSections(app: Application): Section[] {
  type Layer = { route?: { path: string } };
  const { stack } = app.router as unknown as { stack: Layer[] };
  const pages = new Set(stack.flatMap(({ route }) => (route ? [route.path] : [])));
  return RULES.flatMap(({ paths, ...section }) => {
    const path = paths.find((one) => pages.has(one));
    return path === undefined ? [] : [{ ...section, path }];
  });
}
