import { randomUUID } from "node:crypto";
import { access, constants, lstat, rename, rm, writeFile } from "node:fs/promises";
import { dirname, resolve, sep } from "node:path";
import { InvalidConfigError } from "../../model/errors.ts";

/** The file that a page is written to: it is there whole or not at all. */
export class PageFile {
  readonly path: string;
  readonly #isReplaced: boolean;

  /** Replaces a file that is there only where `isReplaced`. */
  constructor(path: string, isReplaced: boolean) {
    this.path = path;
    this.#isReplaced = isReplaced;
  }

  /**
   * @throws {@link InvalidConfigError} where the page cannot be written: its folder, a file that is
   * there, or what is no file and must not be replaced by one.
   */
  async check(): Promise<void> {
    const { path } = this;
    // What is made of it to find its folder would name another file.
    if (path === "" || path.endsWith("/") || path.endsWith(sep)) {
      throw new InvalidConfigError("--html", "the path of a file", path);
    }
    try {
      await access(dirname(resolve(path)), constants.W_OK);
    } catch {
      throw new InvalidConfigError("--html", "a file in a folder that can be written to", path);
    }
    const stats = await lstat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    if (stats === undefined) return;
    if (!this.#isReplaced) {
      throw new InvalidConfigError("--html", "a file that is not there, or --force", path);
    }
    if (!stats.isFile()) throw new InvalidConfigError("--html", "a regular file", path);
  }

  async write(page: string): Promise<void> {
    const draft = `${this.path}.${randomUUID()}.tmp`;
    try {
      await writeFile(draft, page, { flag: "wx" });
      // Something may have come there meanwhile.
      await this.check();
      await rename(draft, this.path);
    } finally {
      await rm(draft, { force: true });
    }
  }
}
