/** The command that fetches a folder of results to where it is typed, quoted for the shell where a path asks for it. */
export function pickUpCommand(host: string, folder: string): string {
  const source = `${host}:${folder}`;
  const plain = /^[\w@%+=:,./-]+$/.test(source);
  return `scp -r ${plain ? source : `'${source.replaceAll("'", `'\\''`)}'`} .`;
}
