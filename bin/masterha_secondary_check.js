#!/usr/bin/env node
import { runOldName } from '../dist/cli/mha/run-old-name.js';

await runOldName('masterha_secondary_check', import.meta.url);
