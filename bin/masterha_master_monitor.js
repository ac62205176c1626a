#!/usr/bin/env node
import { runOldName } from '../dist/cli/mha/run-old-name.js';

await runOldName('masterha_master_monitor', import.meta.url);
