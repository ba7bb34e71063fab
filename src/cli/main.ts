#!/usr/bin/env node
import { contextOf } from "./CommandContext.ts";
import { runCommand } from "./program.ts";

const exitCode = await runCommand(process.argv.slice(2), contextOf(process));
// Not process.exit: it would cut what standard output still has to take.
process.exitCode = exitCode;
