#!/usr/bin/env node
import { main } from './client/main';

void main(process.argv.slice(2)).then((status) => (process.exitCode = status));
