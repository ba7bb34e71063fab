import { open } from "lmdb";

/*
 * Writes to an environment as fast as it can: `commitRows <folder> <commits>`. Transaction n stores
 * the number n three times (a counter, a row of 20 kB that stays, a row somewhere among others), so
 * that whoever reads can tell whether it sees one transaction or parts of several. Nothing is forced
 * to disk, which lets readers be overtaken as often as can be.
 */
const [folder = "", commits = ""] = process.argv.slice(2);
const environment = open<Buffer, Buffer>({
  path: folder,
  encoding: "binary",
  keyEncoding: "binary",
  overlappingSync: false,
  noSync: true,
  noSubdir: false,
});

for (let number = 1; number <= Number(commits); number += 1) {
  const key = Buffer.alloc(9, 0x40);
  key.writeUInt32BE(number, 5);
  const text = Buffer.from(String(number));
  environment.transactionSync(() => {
    environment.putSync(Buffer.of(0x10), text);
    environment.putSync(key, Buffer.alloc(20_000, number % 251));
    environment.putSync(Buffer.from(`0kind\0${(number * 7_919) % 100_003}`), text);
  });
  if (number === 1) console.log("begun");
}
await environment.close();
