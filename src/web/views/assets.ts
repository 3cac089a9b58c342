import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the build wrote about the files that browsers load. */
interface AssetList {
  /** Changes with the content of any of the files. */
  version: string;
  /** Symbols in the icon sprite. */
  icons: string[];
  /** Files that lie there packed as well, as `<name>.gz`. */
  packed: string[];
  /** What is on the picture of the home page; null when there is none. */
  picture: Picture | null;
}

/** The result that the home page shows. */
export interface Picture {
  nuclei: number;
}

const UNBUILT = 'unbuilt';
/** Shown for an icon that a pipeline names and the sprite does not have. */
const OTHER_ICON = 'terminal-2';

/**
 * Addresses of the files under `dist/public`. Their version is part of the path, so that modules and style sheets, which name one
 * another relatively, are renewed together and may be cached for ever. Without a build (unit tests) addresses are still well formed.
 */
export class Assets {
  private readonly list: AssetList;
  private readonly packed: ReadonlySet<string>;

  /** @param folder `dist/public`; may be absent. */
  constructor(readonly folder: string) {
    this.list = readList(join(folder, 'assets.json'));
    this.packed = new Set(this.list.packed);
  }

  get version(): string {
    return this.list.version;
  }

  /** Path of a file below the base path: `/assets/1f2e3d4c/css/app.css`. */
  path(file: string): string {
    return `/assets/${this.version}/${file}`;
  }

  /** The name itself where the sprite has it, else the name of a neutral icon. */
  icon(name: string): string {
    return this.version === UNBUILT || this.list.icons.includes(name) ? name : OTHER_ICON;
  }

  /** Whether a file lies there packed as well, as `<name>.gz`. @param file its path: `css/app.css`. */
  isPacked(file: string): boolean {
    return this.packed.has(file);
  }

  get picture(): Picture | null {
    return this.list.picture;
  }
}

function readList(file: string): AssetList {
  if (!existsSync(file)) return { version: UNBUILT, icons: [], packed: [], picture: null };
  return JSON.parse(readFileSync(file, 'utf8')) as AssetList;
}
