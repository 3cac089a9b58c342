import { StringDecoder } from 'node:string_decoder';

/** Who a line is from: a child, or quickstart itself. */
export type Speaker = 'quickstart' | 'migrate' | 'sample' | 'web' | 'runner' | 'cleaner' | 'build';

const WIDTH = 'quickstart'.length;
const COLOURS: Record<Speaker, number> = { quickstart: 1, migrate: 90, sample: 90, web: 36, runner: 35, cleaner: 33, build: 90 };

interface Stream {
  write(text: string): unknown;
  isTTY?: boolean;
  hasColors?(): boolean;
}

/** The common log: every line with the name of its speaker before it, in colours on terminals only. */
export class Output {
  private readonly hasColours: boolean;

  constructor(private readonly stream: Stream) {
    this.hasColours = stream.isTTY === true && (stream.hasColors?.() ?? false);
  }

  say(speaker: Speaker, line: string): void {
    const name = speaker.padStart(WIDTH);
    const prefix = this.hasColours ? `\u001b[${COLOURS[speaker]}m${name} |\u001b[0m` : `${name} |`;
    this.stream.write(`${prefix} ${line}\n`);
  }

  /** Takes what a child writes, in whatever pieces it comes, and gives it out line by line. */
  linesOf(speaker: Speaker): { add(piece: Buffer): void; end(): void } {
    const decoder = new StringDecoder('utf8');
    let rest = '';
    const giveOut = (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.say(speaker, line.trimEnd());
    };
    return {
      add: (piece) => giveOut(decoder.write(piece)),
      end: () => {
        giveOut(decoder.end());
        if (rest !== '') this.say(speaker, rest);
        rest = '';
      },
    };
  }
}
