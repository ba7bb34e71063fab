import { constants } from "node:fs";

/**
 * How a file of a run is opened to be read: neither through a symbolic link, nor waiting at
 * something that is no file.
 */
export const READ_FLAGS: number =
  constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
