import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SerialDelivery } from "../../src/streams/SerialDelivery.ts";

const test = suite("SerialDelivery");

test("runs a task at once when nothing else is going on", () => {
  const log: string[] = [];
  const delivery = new SerialDelivery();
  delivery.deliver(() => log.push("task"));
  log.push("after");
  assert.equal(log, ["task", "after"]);
});

test("runs a task that another one raises after that one, in the order raised", () => {
  const log: string[] = [];
  const delivery = new SerialDelivery();
  delivery.deliver(() => {
    delivery.deliver(() => log.push("second"));
    delivery.deliver(() => log.push("third"));
    log.push("first");
  });
  assert.equal(log, ["first", "second", "third"]);
});

test("holds what a step raises until the outermost step is over", () => {
  const log: string[] = [];
  const delivery = new SerialDelivery();
  const result = delivery.hold(() => {
    delivery.deliver(() => log.push("raised"));
    delivery.hold(() => log.push("inner"));
    log.push("outer");
    return 42;
  });
  assert.is(result, 42);
  assert.equal(log, ["inner", "outer", "raised"]);
});

test("does not run what a task holds before that task is over", () => {
  const log: string[] = [];
  const delivery = new SerialDelivery();
  delivery.deliver(() => {
    delivery.hold(() => delivery.deliver(() => log.push("raised")));
    log.push("task");
  });
  assert.equal(log, ["task", "raised"]);
});

test("delivers what a step raised before it threw, and hands its error on", () => {
  const log: string[] = [];
  const delivery = new SerialDelivery();
  const boom = new Error("boom");
  let caught: unknown;
  try {
    delivery.hold(() => {
      delivery.deliver(() => log.push("raised"));
      throw boom;
    });
  } catch (error) {
    caught = error;
  }
  assert.is(caught, boom);
  assert.equal(log, ["raised"]);
  delivery.deliver(() => log.push("next"));
  assert.equal(log, ["raised", "next"]);
});

test("goes on after a task that threw", () => {
  const log: string[] = [];
  const delivery = new SerialDelivery();
  try {
    delivery.deliver(() => {
      delivery.deliver(() => log.push("raised"));
      throw new Error("boom");
    });
  } catch {
    log.push("caught");
  }
  delivery.deliver(() => log.push("next"));
  assert.equal(log, ["caught", "raised", "next"]);
});

test.run();
