import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { Companion, Spooled } from '../archives/download/zip-plan';

const PIECE_CHARACTERS = 256 * 1024;

/** Writes JSON documents one after the other into a file, from where an archive takes them: they may be larger than memory. */
export class JsonSpool implements Companion {
  private readonly written: { name: string; content: Spooled }[] = [];
  private position = 0;

  /** @param output an empty file. @param input the same, to be read. Whoever opened them closes them. */
  constructor(
    private readonly output: FileHandle,
    private readonly input: FileHandle,
  ) {}

  async document(name: string, value: unknown): Promise<void> {
    await this.write(name, async (put) => put(`${JSON.stringify(value, null, 2)}\n`));
  }

  /** A list whose items come some at a time. */
  async list(name: string, pages: AsyncIterable<readonly unknown[]>): Promise<void> {
    await this.write(name, async (put) => {
      let before = '[\n';
      for await (const page of pages) {
        for (const item of page) {
          await put(`${before}${JSON.stringify(item)}`);
          before = ',\n';
        }
      }
      await put(before === '[\n' ? '[]\n' : '\n]\n');
    });
  }

  /** Files of the archive are of no account here. */
  see(): void {}

  entries(): { name: string; content: Spooled }[] {
    return this.written;
  }

  private async write(name: string, fill: (put: (text: string) => Promise<void>) => Promise<void>): Promise<void> {
    const content: Spooled = { file: this.input, from: this.position, size: 0, crc: 0 };
    let gathered = '';
    const flush = async (): Promise<void> => {
      const bytes = Buffer.from(gathered);
      gathered = '';
      await this.output.appendFile(bytes);
      content.crc = crc32(bytes, content.crc);
      content.size += bytes.length;
    };
    await fill(async (text) => {
      gathered += text;
      if (gathered.length >= PIECE_CHARACTERS) await flush();
    });
    await flush();
    this.position += content.size;
    this.written.push({ name, content });
  }
}
