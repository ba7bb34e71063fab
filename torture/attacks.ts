import type { Attack } from "./Attack.ts";
import { create } from "./create.ts";
import { crowd } from "./crowd.ts";
import { files } from "./files.ts";
import { flip } from "./flip.ts";
import { images } from "./images.ts";
import { kill } from "./kill.ts";
import { power } from "./power.ts";
import { simulate } from "./simulate.ts";
import { soak } from "./soak.ts";
import { syscalls } from "./syscalls.ts";
import { zombie } from "./zombie.ts";

/** Every attack there is, the quick ones first. */
export const attacks: readonly Attack[] = [
  simulate,
  kill,
  zombie,
  soak,
  files,
  flip,
  crowd,
  power,
  create,
  images,
  syscalls,
];
