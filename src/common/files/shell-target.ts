/** `host:path`, as scp and rsync are told it, quoted for the shell where the path asks for it. */
export function remotePath(host: string, path: string): string {
  const target = `${host}:${path}`;
  return /^[\w@%+=:,./-]+$/.test(target) ? target : `'${target.replaceAll("'", `'\\''`)}'`;
}

/** The same for a folder, with a slash at its end: what is copied goes into it, and from it comes what is in it. */
export function remoteFolder(host: string, folder: string): string {
  return remotePath(host, folder.endsWith('/') ? folder : `${folder}/`);
}
