#!/usr/bin/env node
import { runOldName } from '../dist/cli/mha/run-old-name.js';

await runOldName('masterha_check_ssh', import.meta.url);
