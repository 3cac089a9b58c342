import { createHash } from 'node:crypto';
import type { Digests } from '../../common/digests/file-digests';
import type { ManifestEntry } from '../../common/files/manifest-reader';
import type { Companion } from '../archives/download/zip-plan';
import type { CrateFacts, CrateFile } from './crate-facts';
import { crateMetadata, METADATA_FILE, PIPELINE_FILE } from './crate-metadata';

/** Files that are described one by one; further ones are in the archive, and the metadata say how many. */
const MOST_DESCRIBED = 20_000;

/** Adds to an archive of results what makes it an RO-Crate. */
export class RunCrate implements Companion {
  private readonly files: CrateFile[] = [];
  private undescribed = 0;

  constructor(private readonly facts: CrateFacts) {}

  see({ name, size, mtimeMs }: ManifestEntry, digests: Digests | undefined): void {
    if (this.files.length >= MOST_DESCRIBED) this.undescribed += 1;
    else this.files.push({ name: Buffer.from(name), size, mtimeMs, sha256: digests?.sha256 ?? null });
  }

  entries(): { name: string; content: Buffer }[] {
    const content = asJson(this.facts.record.manifest);
    const sha256 = createHash('sha256').update(content).digest('hex');
    const pipeline = { name: Buffer.from(PIPELINE_FILE), size: content.length, mtimeMs: null, sha256 };
    const metadata = crateMetadata(this.facts, { pipeline, results: this.files, undescribed: this.undescribed });
    return [
      { name: PIPELINE_FILE, content },
      { name: METADATA_FILE, content: asJson(metadata) },
    ];
  }
}

function asJson(value: object): Buffer {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}
