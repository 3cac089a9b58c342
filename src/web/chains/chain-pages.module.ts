import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { ChainLines } from './chain-lines';

/** Chains of runs as pages show them. */
@Module({ imports: [CommonModule], providers: [ChainLines], exports: [ChainLines] })
export class ChainPagesModule {}
