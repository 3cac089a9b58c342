import { routesOf } from '../routes';
import { startTestWebApp } from '../web-app';
import type { Shot } from './shot';

/** Routes that answer with something else than a page, and with what. */
const NO_PAGES: Record<string, string> = {
  'GET /account/export': 'a file',
  'GET /admin/audit/export': 'a file',
  'GET /admin/disk/export': 'a file',
  'GET /healthz': 'a word for load balancers',
  'GET /readyz': 'a word for load balancers',
  'GET /metrics': 'numbers for programs',
  'GET /events': 'a stream of events',
  'GET /login/oidc': 'leads to a provider',
  'GET /login/oidc/callback': 'is where a provider leads back to',
  'GET /login/proxy': 'leads on whom a proxy names',
  'GET /login/join': 'a question to people of an institute, which no world has',
  'GET /runners': 'leads to the page of the administration area',
  'GET /runs/:run/events': 'a stream of events',
  'GET /projects/:project/checksums.txt': 'a file',
  'GET /projects/:project/files/*path': 'a file',
  'GET /projects/:project/uploads': 'JSON',
  'GET /projects/:project/zip': 'a file',
  'GET /projects/:project/documents/*path': 'a document within the page of a file',
  'GET /projects/:project/thumbnails/*path': 'a picture',
  'GET /projects/:project/tiles/picture/*path': 'a picture',
  'GET /projects/:project/tiles/:what/files/*path': 'a tile',
  'GET /projects/:project/run/:pipeline/files/:field': 'JSON',
  'GET /projects/:project/run/:pipeline/sources/:source': 'JSON',
  'GET /projects/:project/run/:pipeline/sources/:source/all': 'JSON',
  'GET /runs/:run/look': 'a part of the page of a run',
  'GET /runs/:run/checksums': 'a file',
  'GET /runs/:run/log/rows': 'a part of the page of the log',
  'GET /runs/:run/log/search': 'a part of the page of the log',
  'GET /runs/:run/log/file': 'a file',
  'GET /runs/:run/files/*path': 'a file',
  'GET /runs/:run/views/*path': 'a picture',
  'GET /runs/:run/documents/*path': 'a document within a page',
  'GET /runs/:run/open/*path': 'leads to a viewer elsewhere',
  'GET /report-content/:token/*path': 'a file of a report',
  'GET /shared-file/:token/*path': 'a file for a viewer elsewhere',
  'GET /runs/:run/tiles/picture': 'a picture',
  'GET /runs/:run/tiles/picture/*path': 'a picture',
  'GET /runs/:run/tiles/row/*path': 'JSON',
  'GET /runs/:run/tiles/:what/results/*path': 'a tile',
  'GET /runs/:run/tiles/:what/inputs/:parameter/:index': 'a tile',
  'GET /runs/:run/zip': 'a file',
  'GET /runs/:run/crate': 'a file',
};

/** @returns pages of the product that none of these shots shows, and names of no-pages that are no routes any more. */
export async function missingPages(shots: readonly Shot[]): Promise<string[]> {
  const web = await startTestWebApp();
  const routes = routesOf(web.app).filter((route) => route.startsWith('GET ') && !route.startsWith('GET /api/'));
  await web.close();
  const seen = new Set(shots.map(({ address }) => routeOf(routes, address)));
  const unseen = routes.filter((route) => !(route in NO_PAGES) && !seen.has(route));
  const gone = Object.keys(NO_PAGES).filter((route) => !routes.includes(route));
  return [...unseen.map((route) => `${route}: no shot shows it`), ...gone.map((route) => `${route}: is no route any more`)];
}

/** The most exact route for an address. */
function routeOf(routes: readonly string[], address: string): string | undefined {
  const path = address.replace(/[?#].*$/, '');
  const fitting = routes.filter((route) => patternOf(route).test(path));
  const looseness = (route: string) => (route.match(/:/g) ?? []).length + 10 * (route.match(/\*/g) ?? []).length;
  return fitting.sort((one, other) => looseness(one) - looseness(other))[0];
}

function patternOf(route: string): RegExp {
  const path = route.slice('GET '.length).replaceAll('.', '\\.');
  return new RegExp(`^${path.replaceAll(/\*\w+/g, '.+').replaceAll(/:\w+/g, '[^/]+')}$`);
}
