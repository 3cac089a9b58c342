import { readFileSync, readlinkSync } from 'node:fs';

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
