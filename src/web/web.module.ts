import { Module } from '@nestjs/common';
import { CommonModule } from '../common/common.module';
import { AccountsModule } from './accounts/accounts.module';
import { AdminPagesModule } from './admin/admin-pages.module';
import { AuditPagesModule } from './admin/audit/audit-pages.module';
import { DiskPagesModule } from './admin/disk/disk-pages.module';
import { PeoplePagesModule } from './admin/people/people-pages.module';
import { ArchivesModule } from './archives/archives.module';
import { FileTaskPagesModule } from './file-tasks/file-task-pages.module';
import { ExportModule } from './export/export.module';
import { FilePagesModule } from './files/file-pages.module';
import { ChecksumsModule } from './checksums/checksums.module';
import { ComparePagesModule } from './compare/compare-pages.module';
import { CratesModule } from './crates/crates.module';
import { GroupPagesModule } from './admin/groups/group-pages.module';
import { PipelineAdminModule } from './admin/pipelines/pipeline-admin.module';
import { HealthModule } from './health/health.module';
import { HelpModule } from './help/help.module';
import { HomeModule } from './home/home.module';
import { HttpModule } from './http/http.module';
import { InboxPagesModule } from './inbox/inbox-pages.module';
import { LiveModule } from './live/live.module';
import { MetricsModule } from './metrics/metrics.module';
import { ProjectPagesModule } from './projects/project-pages.module';
import { QueuePagesModule } from './queue/queue-pages.module';
import { ReportsModule } from './reports/reports.module';
import { RunPagesModule } from './run/run-pages.module';
import { CleanerAdminModule } from './admin/cleaning/cleaner-admin.module';
import { MailAdminModule } from './admin/mail/mail-admin.module';
import { QueueAdminModule } from './admin/queue/queue-admin.module';
import { ExpiringModule } from './expiring/expiring.module';
import { RunnerPagesModule } from './runners/runner-pages.module';
import { SchedulePagesModule } from './schedules/schedule-pages.module';
import { SharePagesModule } from './shares/share-pages.module';
import { ShowModule } from './show/show.module';
import { SweepPagesModule } from './sweeps/sweep-pages.module';
import { TablesModule } from './tables/tables.module';
import { ViewerModule } from './viewer/viewer.module';
import { WebhookPagesModule } from './webhooks/webhook-pages.module';
import { TokenPagesModule } from './tokens/token-pages.module';
import { UploadPagesModule } from './uploads/upload-pages.module';
import { SpacePagesModule } from './space/space-pages.module';

/** The web process: one module per page family. A list: no logic here. */
@Module({
  imports: [
    CommonModule,
    HttpModule,
    AccountsModule,
    AdminPagesModule,
    AuditPagesModule,
    DiskPagesModule,
    PeoplePagesModule,
    ExportModule,
    ArchivesModule,
    FilePagesModule,
    ChecksumsModule,
    FileTaskPagesModule,
    ComparePagesModule,
    CratesModule,
    GroupPagesModule,
    PipelineAdminModule,
    HealthModule,
    HelpModule,
    HomeModule,
    InboxPagesModule,
    LiveModule,
    MetricsModule,
    ProjectPagesModule,
    QueuePagesModule,
    ReportsModule,
    RunPagesModule,
    CleanerAdminModule,
    ExpiringModule,
    MailAdminModule,
    QueueAdminModule,
    RunnerPagesModule,
    SchedulePagesModule,
    SharePagesModule,
    ShowModule,
    SweepPagesModule,
    TablesModule,
    TokenPagesModule,
    UploadPagesModule,
    ViewerModule,
    WebhookPagesModule,
    SpacePagesModule,
  ],
})
export class WebModule {}
