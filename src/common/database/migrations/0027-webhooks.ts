import { Table, TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columnsFor } from './columns';

/** Addresses that are told of runs, and what they were told. */
export class Webhooks1765500000027 implements MigrationInterface {
  readonly name = 'Webhooks1765500000027';
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.createTable(webhooks(queryRunner), true);
    await queryRunner.createTable(deliveries(queryRunner), true);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of ['webhook_deliveries', 'webhooks']) await queryRunner.dropTable(table, true);
  }
}

function webhooks(queryRunner: QueryRunner): Table {
  const { big, whole, word } = columnsFor(queryRunner);
  const columns = [
    word('id', 36, { isPrimary: true }),
    word('project_id', 36, { isNullable: true }),
    word('pipeline_id', 100, { isNullable: true }),
    word('owner_id', 36),
    word('url', 1000),
    word('secret', 100),
    word('states', 200),
    whole('failures'),
    big('failing_ms', { isNullable: true }),
    big('rest_until_ms'),
    big('paused_ms', { isNullable: true }),
    word('paused_why', 300),
    big('created_ms'),
    big('deleted_ms', { isNullable: true }),
  ];
  const indices = [
    new TableIndex({ name: 'idx_webhooks_project', columnNames: ['project_id'] }),
    new TableIndex({ name: 'idx_webhooks_pipeline', columnNames: ['pipeline_id'] }),
  ];
  return new Table({ name: 'webhooks', columns, indices });
}

/** The unique index lets an event be written down once for each address, however often one tries. */
function deliveries(queryRunner: QueryRunner): Table {
  const { big, counter, long, whole, word } = columnsFor(queryRunner);
  const columns = [
    counter('id'),
    word('webhook_id', 36),
    whole('event_id', { isNullable: true }),
    whole('run_id', { isNullable: true }),
    word('message_id', 36),
    word('kind', 32),
    long('body'),
    big('created_ms'),
    big('next_try_ms'),
    whole('tries'),
    big('tried_ms', { isNullable: true }),
    big('delivered_ms', { isNullable: true }),
    whole('status', { isNullable: true }),
    big('took_ms', { isNullable: true }),
    word('last_error', 500, { isNullable: true }),
  ];
  const indices = [
    new TableIndex({ name: 'uq_webhook_deliveries_once', columnNames: ['webhook_id', 'event_id'], isUnique: true }),
    new TableIndex({ name: 'idx_webhook_deliveries_due', columnNames: ['delivered_ms', 'next_try_ms'] }),
    new TableIndex({ name: 'idx_webhook_deliveries_hook', columnNames: ['webhook_id', 'id'] }),
  ];
  return new Table({ name: 'webhook_deliveries', columns, indices });
}
