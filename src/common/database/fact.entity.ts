import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What an installation has to remember once: its id, its signing key. */
@Entity('facts')
export class Fact {
  @PrimaryColumn('varchar', { length: 64 })
  name!: string;

  @Column('varchar', { length: 1000 })
  value!: string;
}
