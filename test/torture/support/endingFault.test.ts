import { suite } from "uvu";
import * as assert from "uvu/assert";
import { endingFault } from "../../../torture/support/endingFault.ts";

const test = suite("endingFault");

const RUN_ENDED = { topic: "run.lifecycle.RunEnded", payloadType: "RunEnded" };
const ENTRY = { topic: "torture.entry", payloadType: "Entry" };

test("has nothing against a status that the last entry bears out", () => {
  assert.is(endingFault("ended", RUN_ENDED), undefined);
  assert.is(endingFault("crashed-recovered", ENTRY), undefined);
  assert.is(endingFault("crashed-recovered", undefined), undefined);
  assert.is(endingFault("running", RUN_ENDED), undefined);
});

test("objects to an end that is not there, and to a crash behind the end", () => {
  assert.type(endingFault("ended", ENTRY), "string");
  assert.type(endingFault("ended", undefined), "string");
  assert.type(endingFault("ended", { ...RUN_ENDED, topic: "torture.entry" }), "string");
  assert.type(endingFault("crashed-recovered", RUN_ENDED), "string");
});

test.run();
