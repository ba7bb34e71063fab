import { constants } from "node:fs";

/**
 * How a file of a run is opened to be read: neither through a symbolic link, nor waiting at
 * something that is no file.
 */
export const READ_FLAGS: number =
  constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** How one that is there is opened to be written, and not read: as little through a symbolic link. */
export const WRITE_FLAGS: number = constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0);
