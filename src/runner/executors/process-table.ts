import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** A process as /proc shows it. */
export interface ProcessEntry {
  pid: number;
  parent: number;
  group: number;
  session: number;
  /** Start in clock ticks since boot: with the pid it names one process of this boot. */
  startTicks: string;
  /** Ended, but not yet collected by its parent: nothing of it runs. */
  zombie: boolean;
  /** Held by a STOP: it does nothing until somebody continues it. */
  stopped: boolean;
}

/** Kernel boot and PID namespace: where this differs, every process of the old value is dead. */
export function readBootId(): string {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return `${boot}/${readlinkSync('/proc/self/ns/pid').replace(/\D/g, '')}`;
}

/** Null when there is no such process. */
export function readProcess(pid: number): ProcessEntry | null {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return null;
  }
}

/** Whether exactly this process still runs: the pid alone may belong to somebody else by now. */
export function isAlive(pid: number, startTicks: string): boolean {
  const entry = readProcess(pid);
  return entry !== null && !entry.zombie && entry.startTicks === startTicks;
}

/** All processes that started at or after a moment (ticks), read in one go so that the picture is as consistent as /proc allows. */
export function processesSince(startTicks: string): ProcessEntry[] {
  const since = Number(startTicks);
  const entries: ProcessEntry[] = [];
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const entry = readProcess(pid);
    if (entry && !entry.zombie && Number(entry.startTicks) >= since) entries.push(entry);
  }
  return entries;
}

/** Whether a process was given this environment variable at its start; false where it may not be looked into. */
export function carries(pid: number, variable: string): boolean {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}`.includes(`\0${variable}\0`);
  } catch {
    return false;
  }
}

/** Reads a small file that a supervisor may be writing right now; null while it is missing or empty. */
export async function readSmallFile(path: string): Promise<string | null> {
  try {
    return (await readFile(path, 'latin1')).trim() || null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** `pid (name) state ppid pgrp session … starttime`; the name may hold blanks and parentheses, so fields count from the last one. */
export function parseStat(stat: string): ProcessEntry | null {
  const end = stat.lastIndexOf(')');
  const fields = stat.slice(end + 2).split(' ');
  const startTicks = fields[19];
  if (end < 0 || startTicks === undefined) return null;
  return {
    pid: Number.parseInt(stat, 10),
    parent: Number(fields[1]),
    group: Number(fields[2]),
    session: Number(fields[3]),
    startTicks,
    zombie: fields[0] === 'Z' || fields[0] === 'X',
    stopped: fields[0] === 'T',
  };
}
