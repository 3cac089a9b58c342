import { remoteFolder, remotePath } from '../files/shell-target';

/** The command that fetches a folder of results to where it is typed. */
export function pickUpCommand(host: string, folder: string): string {
  return `scp -r ${remotePath(host, folder)} .`;
}

/** The same for large results: typed again, it goes on where it was broken off. @param name of the folder that is made. */
export function resumablePickUp(host: string, folder: string, name: string): string {
  return `rsync -aP --partial ${remoteFolder(host, folder)} ${name}/`;
}
