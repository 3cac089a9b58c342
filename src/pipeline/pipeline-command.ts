import { relative } from 'node:path';
import { Logger } from '@nestjs/common';
import type { AppConfig } from '../common/config/app-config';
import { loadConfig } from '../common/config/config.module';
import { checkPipeline, describeReport } from './check/check-pipeline';
import { parseCommand, type Command } from './command-line';
import { EXIT, fileFailure } from './exit';
import { importPipeline } from './imports/import-pipeline';
import { newPipeline } from './new-pipeline';
import { writeSchema } from './schema/write-schema';

/** Carries out one command and prints what it did. @param words as typed. @returns the exit status. @throws StartupError with the line to print. */
export async function pipelineCommand(words: readonly string[]): Promise<number> {
  const command = parseCommand(words);
  try {
    return await carryOut(command);
  } catch (error) {
    throw fileFailure(error) ?? error;
  }
}

async function carryOut(command: Command): Promise<number> {
  const config = loadConfig();
  // Reports are for people and programs; what an executor says beside them is noise.
  Logger.overrideLogger(['error', 'fatal']);
  switch (command.kind) {
    case 'new': {
      const folder = relative('.', await newPipeline(config, command.name));
      say(`${folder} is there. Look at its pipeline.yaml, then: npm run pipeline -- check ${command.name}`);
      return EXIT.fine;
    }
    case 'check':
      return check(config, command);
    case 'import': {
      const { folder, name, report } = await importPipeline(config, command.from, command.file, command.name);
      say(`${report}\n${relative('.', folder)} is there. Look at its pipeline.yaml, then: npm run pipeline -- check ${name}`);
      return EXIT.fine;
    }
    case 'schema':
      say(`${relative('.', await writeSchema(config.home))} is written.`);
      return EXIT.fine;
  }
}

async function check(config: AppConfig, { name, json, keep }: Extract<Command, { kind: 'check' }>): Promise<number> {
  const stopped = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopped.abort());
  // Executors hold no process back from its end: what they started outlives a runner.
  const alive = setInterval(() => undefined, 60_000);
  try {
    const report = await checkPipeline(config, name, { keep, stop: stopped.signal });
    say(json ? JSON.stringify(report, null, 2) : describeReport(report));
    return report.exitStatus;
  } finally {
    clearInterval(alive);
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
