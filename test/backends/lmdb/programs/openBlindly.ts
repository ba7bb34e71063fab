import { openEnvironment } from "../../../../src/backends/lmdb/environment.ts";

/*
 * Opens the environment of a folder and closes it again, over and over: `openBlindly <folder>`. It
 * asks nobody whether somebody writes there. Ends with its stdin.
 */
const [folder = ""] = process.argv.slice(2);
process.stdin.resume();
for (let opened = 0; !process.stdin.readableEnded; opened += 1) {
  await (await openEnvironment(folder)).close();
  if (opened === 0) console.log("begun");
  await new Promise(setImmediate);
}
