/** A file to be sent, with the folders above it where a whole folder was dropped: `scans/day 1/a.tif`. */
export interface FileToSend {
  file: File;
  path: string;
}

export interface Dropped {
  files: FileToSend[];
  /** Folders without anything in them. */
  emptyFolders: string[];
}

/** Everything in a drop, in dropped folders too. Call it within the event: afterwards the browser forgets what was dropped. */
export async function readDrop(transfer: DataTransfer): Promise<Dropped> {
  const entries = [...transfer.items].filter((item) => item.kind === 'file').map((item) => item.webkitGetAsEntry());
  if (entries.every((entry) => entry === null)) return { files: filesOfList(transfer.files), emptyFolders: [] };
  const dropped: Dropped = { files: [], emptyFolders: [] };
  for (const entry of entries) if (entry) await collect(entry, '', dropped);
  return dropped;
}

export function filesOfList(list: FileList): FileToSend[] {
  return [...list].map((file) => ({ file, path: file.webkitRelativePath || file.name }));
}

async function collect(entry: FileSystemEntry, above: string, dropped: Dropped): Promise<void> {
  const path = `${above}${entry.name}`;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    dropped.files.push({ file, path });
    return;
  }
  const children = await childrenOf(entry as FileSystemDirectoryEntry);
  if (children.length === 0) dropped.emptyFolders.push(path);
  for (const child of children) await collect(child, `${path}/`, dropped);
}

/** Browsers hand out at most a hundred entries at a time, and an empty list at the end. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return all;
    all.push(...some);
  }
}
