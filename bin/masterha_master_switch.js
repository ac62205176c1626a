#!/usr/bin/env node
import { runOldName } from '../dist/cli/mha/run-old-name.js';

await runOldName('masterha_master_switch', import.meta.url);
