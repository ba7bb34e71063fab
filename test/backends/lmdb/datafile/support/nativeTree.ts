import { openEnvironment, type Environment } from "../../../../../src/backends/lmdb/environment.ts";
import { inTemporaryFolder } from "../../temporaryFolder.ts";

/** A row as text, which can be compared and printed. */
export type TextRow = readonly [key: string, value: string];

/** Below and above all keys. */
export const FIRST: Uint8Array = Uint8Array.of(0);
export const LAST: Uint8Array = Uint8Array.of(0xff, 0xff);

/** Runs a step with a fresh environment of LMDB, which is closed and removed afterwards. */
export async function withTree(
  step: (environment: Environment, folder: string) => Promise<void> | void,
): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const environment = await openEnvironment(folder);
    try {
      await step(environment, folder);
    } finally {
      await environment.close();
    }
  });
}

/** The key of the frame with a number. */
export function numberedKey(number: number): Uint8Array {
  const key = Buffer.alloc(9);
  key[0] = 0x40;
  key.writeUInt32BE(number, 5);
  return key;
}

export function textOf({ key, value }: { key: Uint8Array; value: Uint8Array }): TextRow {
  return [Buffer.from(key).toString("latin1"), Buffer.from(value).toString("latin1")];
}
