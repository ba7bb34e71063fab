import { suite } from "uvu";
import { memoryCatalog } from "../../../src/backends/memory/memoryCatalog.ts";
import { backendContract } from "../../../src/testing/backendContract.ts";

const test = suite("memoryCatalog: contract");

backendContract({ name: "memory", catalog: memoryCatalog, test });

test.run();
