// Makes the parts of docs/cli.md anew that the command makes itself.
import { readFile, writeFile } from "node:fs/promises";
import { madePage } from "./cli-page.ts";

const PAGE = new URL("../docs/cli.md", import.meta.url);

await writeFile(PAGE, await madePage(await readFile(PAGE, "utf8")));
