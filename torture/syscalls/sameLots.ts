const PROGRAM = `
import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";

crypto.randomUUID = () => "00000000-0000-0000-0000-000000000000";
crypto.randomBytes = (size, callback) => {
  const bytes = Buffer.alloc(size);
  callback?.(null, bytes);
  return bytes;
};
syncBuiltinESMExports();
`;

/**
 * Flags of Node: names that are drawn by lot are the same in every process that has them, since
 * strace must be told the names beforehand.
 */
export const SAME_LOTS: readonly string[] = [
  "--import",
  `data:text/javascript,${encodeURIComponent(PROGRAM)}`,
];
