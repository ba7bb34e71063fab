import { exitOnSignals } from "../exitOnSignals.ts";
import { adapters } from "./adapters.ts";
import type { Job } from "./jobs.ts";
import { runJob } from "./runJob.ts";

/* One job with one of the peers that run in Node: its name, then the job; the result on stdout. */

// A server that was started for the job ends with us.
exitOnSignals();
const [name = "", job = ""] = process.argv.slice(2);
const load = adapters.get(name);
if (load === undefined) throw new Error(`There is no peer ${name}`);
const result = await runJob(await load(), JSON.parse(job) as Job);
process.stdout.write(`${JSON.stringify(result)}\n`);
