const SPECIAL = /[\\^$.|+()[\]{}]/g;

/**
 * Compiles the pattern of an output rule: `*` and `?` stay inside one folder, `**` crosses folders, everything else is itself.
 * Case is ignored, because instruments write `.TIF` as well as `.tif`.
 */
export function compileGlob(glob: string): (path: string) => boolean {
  const source = glob
    .split(/(\*\*\/|\*\*|\*|\?)/)
    .map((part) => {
      if (part === '**/') return '(?:.*/)?';
      if (part === '**') return '.*';
      if (part === '*') return '[^/]*';
      if (part === '?') return '[^/]';
      return part.replace(SPECIAL, '\\$&');
    })
    .join('');
  const pattern = new RegExp(`^${source}$`, 'isu');
  return (path) => pattern.test(path);
}
