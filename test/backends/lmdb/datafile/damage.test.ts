import { truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { checkDataFileSync } from "../../../../src/backends/lmdb/datafile/checkDataFile.ts";
import { inTemporaryFolder } from "../temporaryFolder.ts";
import { EditedFile, PAGE_BYTES } from "./support/editedFile.ts";
import { rowsIn } from "./support/fileRows.ts";
import { numberedKey, withTree, type TextRow } from "./support/nativeTree.ts";
import { randomOf } from "./support/random.ts";

const test = suite("a damaged file");
const RANDOM_FLIPS = 3_000;

/** A small file with everything in it: two levels, long and short values, and free pages. */
async function withSmallFile(step: (file: EditedFile, folder: string) => void): Promise<void> {
  await inTemporaryFolder(async (copy) => {
    await withTree((environment, folder) => {
      for (let commit = 0; commit < 5; commit += 1) {
        environment.transactionSync(() => {
          for (let row = 0; row < 20; row += 1) {
            const key =
              row % 5 === 0 ? numberedKey(commit) : Buffer.from(`0kind\0${row}-${commit}`);
            const size = row === 0 ? 5_000 : 20 * row;
            environment.putSync(key, Buffer.alloc(size, row + commit));
          }
          environment.putSync(numberedKey(99), Buffer.alloc(6_000, commit));
        });
      }
      writeFileSync(path.join(copy, "data.mdb"), new EditedFile(folder).bytes);
    });
    step(new EditedFile(copy), copy);
  });
}

/** What comes of a step: what it gives, or that the file is damaged; nothing else may be thrown. */
function outcomeOf<Result>(step: () => Result): Result | "damaged" {
  try {
    return step();
  } catch (error) {
    assert.is((error as { code?: string }).code, "TIDEMARK_CORRUPTED", String(error));
    return "damaged";
  }
}

/** How many rows of two lists differ. */
function differences(a: readonly TextRow[], b: readonly TextRow[]): number {
  assert.is(a.length, b.length);
  return a.filter(([key, value], at) => key !== b[at]?.[0] || value !== b[at]?.[1]).length;
}

/** Flips a bit of the file, looks at what comes of it, and flips it back. */
function flip(file: EditedFile, at: number, bit: number, look: () => void): void {
  const byte = file.bytes[at] as number;
  file.overwrite(at, byte ^ (1 << bit));
  look();
  file.overwrite(at, byte);
}

/** The bytes that LMDB's structure is made of: meta pages, and the beginning of all others. */
function structureOf({ bytes }: EditedFile): readonly number[] {
  return Array.from(bytes.keys()).filter((at) => at % PAGE_BYTES < 168);
}

test("is found, or gives all rows as they were but the one whose byte was flipped", async () => {
  await withSmallFile((file, folder) => {
    const rows = rowsIn(folder);
    const random = randomOf(11);
    const structure = structureOf(file);
    const places = Array.from({ length: RANDOM_FLIPS }, () => random(file.bytes.length));
    let found = 0;
    for (const at of [...structure, ...places]) {
      const bit = random(8);
      flip(file, at, bit, () => {
        const checked = outcomeOf(() => checkDataFileSync(folder, "full"));
        const read = outcomeOf(() => rowsIn(folder));
        // The header of a frame's pages is looked at by its reader alone, all else by the check.
        if (checked === "damaged") found += 1;
        else if (read !== "damaged") assert.ok(differences(rows, read) <= 1, `${at}, bit ${bit}`);
      });
    }
    assert.ok(found > 500, `${found} found`);
    checkDataFileSync(folder, "full");
    assert.equal(rowsIn(folder), rows);
  });
});

test("is read without a check as well, and never leads out of the file", async () => {
  await withSmallFile((file, folder) => {
    const random = randomOf(12);
    for (let round = 0; round < 1_000; round += 1) {
      const whole = Buffer.from(file.bytes);
      for (let more = random(64); more >= 0; more -= 1) {
        file.bytes[random(file.bytes.length)] = random(256);
      }
      file.write();
      outcomeOf(() => rowsIn(folder));
      outcomeOf(() => checkDataFileSync(folder, "edges"));
      outcomeOf(() => checkDataFileSync(folder, "full"));
      whole.copy(file.bytes);
    }
  });
});

test("is found when it ends early, wherever that is", async () => {
  await withSmallFile((file, folder) => {
    const pages = file.bytes.length / PAGE_BYTES;
    for (let page = 0; page < pages; page += 1) {
      for (const rest of [0, 1, PAGE_BYTES / 2]) {
        file.write();
        truncateSync(file.path, page * PAGE_BYTES + rest);
        const checked = outcomeOf(() => checkDataFileSync(folder, "full"));
        assert.is(checked, "damaged", `${page} pages and ${rest} bytes`);
        outcomeOf(() => rowsIn(folder));
      }
    }
  });
});

test.run();
