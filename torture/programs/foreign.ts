/**
 * Makes an LMDB environment that is no run of ours; in a process of its own, since lmdb is not
 * loaded anywhere else.
 *
 * node torture/dist/foreign.js FOLDER plain|pages|databases|encrypted
 */
import { open } from "lmdb";

const [path = "", kind = "plain"] = process.argv.slice(2);
const environment = open<string, string>({
  path,
  noSubdir: false,
  ...(kind === "pages" ? { pageSize: 8_192 } : {}),
  ...(kind === "encrypted" ? { encryptionKey: "0123456789abcdef0123456789abcdef" } : {}),
});
if (kind === "databases") {
  const orders = environment.openDB<string, string>({ name: "orders" });
  await orders.put("O-1", "an order");
} else {
  for (let n = 0; n < 500; n += 1) await environment.put(`key ${n}`, `value ${n}`.repeat(20));
}
await environment.close();
