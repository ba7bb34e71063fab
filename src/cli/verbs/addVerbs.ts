import { addCompletion } from "./addCompletion.ts";
import { addDiff } from "./addDiff.ts";
import { addExport } from "./addExport.ts";
import { addGc } from "./addGc.ts";
import { addInspect } from "./addInspect.ts";
import { addLs } from "./addLs.ts";
import { addRecord } from "./addRecord.ts";
import { addRecover } from "./addRecover.ts";
import { addStat } from "./addStat.ts";
import { addTail } from "./addTail.ts";
import { addWhy } from "./addWhy.ts";
import type { AddVerb } from "./AddVerb.ts";
import { addVerify } from "./addVerify.ts";

/** Every verb, in the order of the help. */
const VERBS: readonly AddVerb[] = [
  addRecord,
  addLs,
  addStat,
  addTail,
  addInspect,
  addWhy,
  addVerify,
  addExport,
  addDiff,
  addRecover,
  addGc,
  addCompletion,
];

/** Adds the verbs to the command. */
export const addVerbs: AddVerb = (program, context, ended) => {
  for (const add of VERBS) add(program, context, ended);
};
