import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Metric } from './exposition';

const NS = 1e9;
const delay = monitorEventLoopDelay({ resolution: 20 });

/** From here on the delay of the event loop is watched. */
export function watchEventLoop(): void {
  delay.enable();
}

export function processMetrics(version: string): Metric[] {
  const { user, system } = process.cpuUsage();
  const gauge = (name: string, help: string, value: number): Metric => ({ name, type: 'gauge', help, samples: [{ value }] });
  const metrics: Metric[] = [
    { name: 'showrunner_build_info', type: 'gauge', help: 'Always 1; the labels tell.', samples: [{ labels: { version }, value: 1 }] },
    { name: 'process_cpu_seconds_total', type: 'counter', help: 'Time of all cores.', samples: [{ value: (user + system) / 1e6 }] },
    gauge('process_resident_memory_bytes', 'Memory of this web process.', process.memoryUsage.rss()),
    gauge('process_start_time_seconds', 'Start, in seconds since 1970.', Math.round(performance.timeOrigin / 1000)),
    gauge('showrunner_event_loop_delay_seconds', 'Longest pause since the last look, in which nobody was answered.', delay.max / NS),
  ];
  delay.reset();
  return metrics;
}
