import { Table, TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columnsFor } from './columns';
import { renewQueueGuard } from './queue-triggers';

/** Tables whose rows name the home of a project, which was the folder of its owner until then. */
const WITH_HOME = ['projects', 'file_tasks'];

/** Projects that change their owner and keep their folder: guests who move into an account. */
export class Homes1764500000016 implements MigrationInterface {
  readonly name = 'Homes1764500000016';
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    const { word, big, dialect } = columnsFor(queryRunner);
    const columns = [word('guest_id', 36, { isPrimary: true }), word('account_id', 36), big('moved_ms')];
    const ofAccount = new TableIndex({ name: 'idx_moved_guests_account', columnNames: ['account_id'] });
    await queryRunner.createTable(new Table({ name: 'moved_guests', columns, indices: [ofAccount] }), true);
    // A migration that was interrupted goes on where it stopped.
    for (const table of WITH_HOME) {
      if (!(await queryRunner.hasColumn(table, 'home_id')))
        await queryRunner.query(`ALTER TABLE ${table} ADD COLUMN home_id varchar(36) NOT NULL DEFAULT ''`);
      await queryRunner.query(`UPDATE ${table} SET home_id = owner_id WHERE home_id = ''`);
    }
    await renewQueueGuard(queryRunner, dialect, 'movesWithGuests');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const { dialect } = columnsFor(queryRunner);
    const moved: unknown[] = await queryRunner.query('SELECT 1 FROM projects WHERE home_id <> owner_id LIMIT 1');
    if (moved.length > 0) throw new Error('Guests have moved into accounts: without this change their files would not be found any more.');
    await renewQueueGuard(queryRunner, dialect, 'never');
    for (const table of WITH_HOME) await queryRunner.query(`ALTER TABLE ${table} DROP COLUMN home_id`);
    await queryRunner.dropTable('moved_guests', true);
  }
}
