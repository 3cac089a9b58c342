import { text } from '../../locales/text';
import type { SiteView } from '../http/site.view';

/** Colours of the top bar, which browsers continue beyond the page; the style sheet calls them `--surface`. */
export const THEME_COLOURS = { light: '#ffffff', dark: '#17171b' } as const;

/** An icon of the site, or of the product, by its address below the base path. */
export interface ManifestIcon {
  path: string;
  type: string;
  sizes: string;
}

/**
 * What a browser shows of the site when somebody puts it on their desk or phone. Colours for the dark go by the pages themselves: a
 * manifest has one of each.
 */
export function webManifest(site: SiteView, basePath: string, icons: readonly ManifestIcon[]): object {
  const product = text('common.product');
  const home = `${basePath}/`;
  return {
    id: home,
    name: site.name === '' ? product : `${product} · ${site.name}`,
    short_name: site.name === '' ? product : site.name,
    start_url: home,
    scope: home,
    display: 'minimal-ui',
    background_color: THEME_COLOURS.light,
    theme_color: THEME_COLOURS.light,
    icons: icons.map(({ path, type, sizes }) => ({ src: `${basePath}${path}`, type, sizes, purpose: 'any' })),
  };
}
