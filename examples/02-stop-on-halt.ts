// Quote less on pressure$, stop on halt$: a disk that stalls, and later never answers again.
// Run it: node --conditions=tidemark-source --import tsx examples/02-stop-on-halt.ts
import { EMPTY, interval, switchMap, takeUntil, tap, VirtualTimeScheduler } from "rxjs";
import type { EntryDraft, PressureLevel } from "tidemark";
import { memoryRun } from "tidemark/testing";

// Virtual time: the same code as on a real disk, but it finishes at once and always alike.
const time = new VirtualTimeScheduler();
const run = memoryRun({
  scheduler: time,
  commitMs: 2,
  faults: [
    { at: 50, stallMs: 70 }, // the commit of entry 50 takes 70 ms longer
    { at: 200, never: true }, // the commit of entry 200 never returns
  ],
  writer: { queueCapacity: 30 },
});

const say = (what: string): void => console.log(`${String(time.now()).padStart(5)} ms  ${what}`);
const draft = (topic: string, payloadType: string): EntryDraft => ({
  topic,
  payloadType,
  payload: "{}",
});

// What the venue reports cannot be slowed down: it is recorded, whatever the pressure is.
interval(5, time)
  .pipe(takeUntil(run.halt$))
  .subscribe(() => run.submissions.next(draft("exec.event", "OrderFilled")));

// What we send can: a quote every 5 ms, every 20 ms when the queue fills, none when it is full.
const QUOTE_EVERY_MS: Readonly<Record<PressureLevel, number>> = {
  clear: 5,
  rising: 20,
  stalling: Infinity,
};
run.pressure$
  .pipe(
    tap(({ level, queued }) => say(`pressure ${level}, ${queued} in the queue`)),
    switchMap(({ level }) =>
      level === "stalling" ? EMPTY : interval(QUOTE_EVERY_MS[level], time),
    ),
    takeUntil(run.halt$),
  )
  .subscribe(() => run.submissions.next(draft("exec.command", "SubmitOrder")));

// The halt comes once. From here on nothing is accepted: stop, and take the open orders back.
run.halt$.subscribe((reason) => {
  say(`halted: ${reason.kind}, ${reason.lastDurableSeq} entries are on disk`);
  say("trading stopped, open orders cancelled");
});

// What was accepted before the halt is still waited for, as long as a commit may take.
run.watermark$.subscribe({
  complete: () => say(`given up: ${run.accepted - run.watermark} accepted entries are not on disk`),
});

time.flush();
console.log(`after the halt, offer() says ${run.offer(draft("exec.command", "SubmitOrder"))}`);
