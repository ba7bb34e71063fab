import { adapters } from "./adapters.ts";
import type { Job } from "./jobs.ts";
import { runJob } from "./runJob.ts";

/* One job with one of the peers that run in Node: its name, then the job; the result on stdout. */

// From a caller that has waited too long: a server that was started for the job ends with us.
process.once("SIGTERM", () => process.exit(1));
const [name = "", job = ""] = process.argv.slice(2);
const load = adapters.get(name);
if (load === undefined) throw new Error(`There is no peer ${name}`);
const result = await runJob(await load(), JSON.parse(job) as Job);
process.stdout.write(`${JSON.stringify(result)}\n`);
