import { Module } from '@nestjs/common';
import { CommonModule } from '../common/common.module';
import { MailDispatchModule } from '../common/mail/mail-dispatch.module';
import { Assignments } from './assignments';
import { Carrier } from './carrier';
import { DiskGuard } from './disk-guard';
import { Intake } from './intake';
import { LinkLoop } from './link-loop';
import { Links } from './links';
import { Lookout } from './lookout';
import { ResultCheck } from './result-check';
import { Rounds } from './rounds';
import { CrashPoints } from './crash-points';
import { Executors } from './executors/executors';
import { DockerExecutor } from './executors/docker/docker-executor';
import { ProcessExecutor } from './executors/process-executor';
import { HandoffExecutor } from './executors/handoff/handoff-executor';
import { SlurmModule } from './executors/slurm/slurm.module';
import { Errands } from './errands';
import { Follower } from './follower';
import { Heartbeat } from './heartbeat';
import { InputNotes } from './input-notes';
import { Launcher } from './launcher';
import { OrphanSweep } from './orphan-sweep';
import { OutboxCopy } from './outbox-copy';
import { Patience } from './patience';
import { ProgressReader } from './progress-reader';
import { Recovery } from './recovery';
import { Reluctance } from './reluctance';
import { RunnerSelf } from './runner-self';
import { Preparation } from './preparation';
import { Sealing } from './sealing';
import { RunnerService } from './runner.service';
import { Settlement } from './settlement';
import { TrackedRuns } from './tracked-runs';
import { WebhookDispatchModule } from './webhooks/webhook-dispatch.module';
import { WakeUp } from './wake-up';
import { WorkFolders } from './work-folders';

/** The daemon that claims runs and carries them out. It also sends mails and messages to webhooks, because it is always there. */
@Module({
  imports: [CommonModule, MailDispatchModule, SlurmModule, WebhookDispatchModule],
  providers: [
    Assignments,
    CrashPoints,
    Rounds,
    ResultCheck,
    LinkLoop,
    Links,
    Lookout,
    Intake,
    DiskGuard,
    DockerExecutor,
    Carrier,
    ProcessExecutor,
    Errands,
    Executors,
    Follower,
    HandoffExecutor,
    Heartbeat,
    InputNotes,
    Launcher,
    OrphanSweep,
    OutboxCopy,
    Patience,
    ProgressReader,
    Recovery,
    Reluctance,
    RunnerSelf,
    RunnerService,
    Preparation,
    Sealing,
    Settlement,
    TrackedRuns,
    WakeUp,
    WorkFolders,
  ],
})
export class RunnerModule {}
