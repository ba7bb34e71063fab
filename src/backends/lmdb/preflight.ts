import { lstat, open } from "node:fs/promises";
import { join } from "node:path";
import { CorruptedError } from "../../model/errors.ts";
import { classifyError } from "./classifyError.ts";
import { DATA_FILE_NAME } from "./DataFile.ts";

const META_MAGIC = 0xbeef_c0de;
const META_VERSION = 2;
const PAGE_SIZES: ReadonlySet<number> = new Set([4_096, 8_192, 16_384, 32_768]);
/** A page's flag that says it is a meta page. */
const META_FLAG = 0x8;
/** From the start of a meta page: its flags, the magic, the version, and the page size. */
const FLAGS_AT = 18;
const MAGIC_AT = 24;
const VERSION_AT = 28;
const PAGE_SIZE_AT = 48;
const META_BYTES = 168;

/**
 * Checks the data.mdb of a folder before LMDB may open it: a file that is damaged would end the
 * process, and an empty one would be opened as new.
 *
 * @throws {@link CorruptedError}, or what {@link classifyError} makes of a failure to read.
 */
export async function preflight(folder: string): Promise<void> {
  const path = join(folder, DATA_FILE_NAME);
  try {
    const stats = await lstat(path);
    if (!stats.isFile()) throw new CorruptedError(`${path} is no regular file`);
    const file = await open(path, "r");
    try {
      const read = async (at: number): Promise<DataView> => {
        const bytes = Buffer.alloc(META_BYTES);
        const { bytesRead } = await file.read(bytes, 0, META_BYTES, at);
        if (bytesRead < META_BYTES) throw new CorruptedError(`${path} is too short`);
        return new DataView(bytes.buffer, bytes.byteOffset, META_BYTES);
      };
      const pageBytes = checkMeta(path, await read(0));
      if (stats.size < 2 * pageBytes) throw new CorruptedError(`${path} is too short`);
      if (checkMeta(path, await read(pageBytes)) !== pageBytes) {
        throw new CorruptedError(`${path}: its two meta pages differ in page size`);
      }
      // The check of all that the metas lead to has its place here.
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      throw new CorruptedError(`${path} is missing`, undefined, { cause: error });
    }
    throw classifyError(error, folder);
  }
}

/** Checks one meta page and gives its page size. */
function checkMeta(path: string, page: DataView): number {
  const isLittleEndian = true;
  const pageBytes = page.getUint32(PAGE_SIZE_AT, isLittleEndian);
  const isMeta =
    (page.getUint16(FLAGS_AT, isLittleEndian) & META_FLAG) !== 0 &&
    page.getUint32(MAGIC_AT, isLittleEndian) === META_MAGIC &&
    (page.getUint32(VERSION_AT, isLittleEndian) & 0xffff) === META_VERSION &&
    PAGE_SIZES.has(pageBytes);
  if (!isMeta) throw new CorruptedError(`${path} has no meta page of LMDB where one must be`);
  return pageBytes;
}
