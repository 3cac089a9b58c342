/** Addresses of viewers that read our files by a link. */

/** What a viewer is told. */
export interface ViewerPlaces {
  /** Absolute address of the file. */
  url: string;
  /** Its name for people. */
  name: string;
}

const PLACE = /\{(url|name)\}/g;

/** Whether a template is an http or https address with the place `{url}`; places stand behind the host. */
export function isViewerAddress(template: string): boolean {
  if (!template.includes('{url}') || /\{(?!(?:url|name)\})/.test(template)) return false;
  const filled = template.replace(PLACE, 'x');
  if (!URL.canParse(filled)) return false;
  const { protocol, username } = new URL(filled);
  const host = /^https?:\/\/[^/?#{}]+(?=[/?#]|$)/i.test(template);
  return (protocol === 'http:' || protocol === 'https:') && username === '' && host;
}

/** The address with its places filled in, encoded: whatever a file is called, it stays one value. */
export function fillViewerAddress(template: string, places: ViewerPlaces): string {
  return template.replace(PLACE, (_whole, place: keyof ViewerPlaces) => encodeURIComponent(places[place].toWellFormed()));
}
