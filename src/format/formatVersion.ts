/** The version of the frames and of everything else that a run stores. */
export const FORMAT_VERSION = 1;
