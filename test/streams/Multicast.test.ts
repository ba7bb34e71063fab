import { take } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Multicast } from "../../src/streams/Multicast.ts";

const test = suite("Multicast");

test("gives each value to everyone who is there, and replays none", () => {
  const multicast = new Multicast<number>();
  const seen: string[] = [];
  multicast.next(0);
  multicast.values$.subscribe((value) => seen.push(`a${value}`));
  multicast.next(1);
  multicast.values$.subscribe((value) => seen.push(`b${value}`));
  multicast.next(2);
  assert.equal(seen, ["a1", "a2", "b2"]);
});

test("is not disturbed by who comes and goes during a delivery", () => {
  const multicast = new Multicast<number>();
  const seen: string[] = [];
  const late = (value: number): unknown => seen.push(`late${value}`);
  const leaving = multicast.values$.subscribe((value) => {
    seen.push(`first${value}`);
    leaving.unsubscribe();
    multicast.values$.subscribe(late);
  });
  multicast.values$.pipe(take(1)).subscribe((value) => seen.push(`once${value}`));
  multicast.values$.subscribe((value) => seen.push(`last${value}`));
  multicast.next(1);
  multicast.next(2);
  assert.equal(seen, ["first1", "once1", "last1", "last2", "late2"]);
});

test("completes everyone, and who comes later at once", () => {
  const multicast = new Multicast<number>();
  let completed = 0;
  const complete = (): unknown => (completed += 1);
  multicast.values$.subscribe({ complete });
  multicast.complete();
  multicast.values$.subscribe({ complete });
  multicast.next(1);
  assert.is(completed, 2);
});

test.run();
