import { LogWriter } from "../../../../src/backends/lmdb/LogWriter.ts";
import { frameOf } from "../sampleFrames.ts";

/* Takes a log over, appends one entry, says its seq and lets go: `takeOver <folder>`. */
const [folder = ""] = process.argv.slice(2);
const writer = await LogWriter.open({ folder, mode: "recover", runId: "run-1" });
const next = writer.state.watermark + 1;
console.log(String(writer.append([frameOf(next).bytes])));
await writer.close();
