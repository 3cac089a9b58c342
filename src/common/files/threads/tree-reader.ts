import { extname, join } from 'node:path';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Amount } from '../tree-walk';
import { AnsweringThread } from './answering-thread';
import type { TreeAnswer, TreeQuestion } from './tree-worker';

type Thread = AnsweringThread<Omit<TreeQuestion, 'id'>, TreeAnswer>;

const TIME_LIMIT_MS = 10 * 60_000;
const WORKER = join(__dirname, `tree-worker${extname(__filename)}`);

/** Walks whole trees on threads of their own: one for short questions, one for those that may take minutes. */
@Injectable()
export class TreeReader implements OnApplicationShutdown {
  private readonly threads: Record<TreeQuestion['want'], Thread | null> = { amount: null, names: null };

  /** Regular files at any depth, and their bytes. @param fd an open folder, which stays open meanwhile. */
  async amount(fd: number): Promise<Amount> {
    const { files, bytes } = await this.ask({ fd, want: 'amount', most: 0, skip: '' });
    return { files, bytes };
  }

  /** Names of the first `most` regular files at any depth. @param skip name of a folder directly in this one that is left out. */
  async names(fd: number, most: number, skip: string): Promise<Buffer[]> {
    const { names } = await this.ask({ fd, want: 'names', most, skip });
    return names.map((name) => Buffer.from(name, 'latin1'));
  }

  async onApplicationShutdown(): Promise<void> {
    for (const thread of Object.values(this.threads)) await thread?.end();
  }

  private async ask(question: Omit<TreeQuestion, 'id'>): Promise<TreeAnswer> {
    let thread = this.threads[question.want];
    if (!thread?.isAlive) this.threads[question.want] = thread = new AnsweringThread(WORKER, TIME_LIMIT_MS);
    const answer = await thread.ask(question);
    if (answer.error !== null) throw Object.assign(new Error(`Reading a folder failed with ${answer.error}`), { code: answer.error });
    return answer;
  }
}
