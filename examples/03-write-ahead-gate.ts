// The write-ahead gate: an order reaches the venue only when it is on disk, and none after a halt.
// Run it: node --conditions=tidemark-source --import tsx examples/03-write-ahead-gate.ts
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { count, filter, firstValueFrom, lastValueFrom, Subject } from "rxjs";
import { CLIENT_ORDER_ID, openRun, readRun, VENUE_ORDER_ID, type EntryDraft } from "tidemark";
import { capture, record } from "tidemark/operators";

interface Order {
  readonly id: string; // of the command itself: what the ack will name as its cause
  readonly clientOrderId: string;
}
interface Ack {
  readonly order: Order;
  readonly venueOrderId: string;
}

const commandOf = (order: Order): EntryDraft => ({
  topic: "exec.command",
  payloadType: "SubmitOrder",
  payload: JSON.stringify(order),
  indexKeys: [
    { kind: CLIENT_ORDER_ID, key: order.clientOrderId },
    { kind: "messageId", key: order.id },
  ],
});
const eventOf = ({ order, venueOrderId }: Ack): EntryDraft => ({
  topic: "exec.event",
  payloadType: "OrderAccepted",
  payload: JSON.stringify({ venueOrderId }),
  headers: { causationId: order.id },
  indexKeys: [{ kind: VENUE_ORDER_ID, key: venueOrderId }],
});

const directory = await mkdtemp(join(tmpdir(), "tidemark-gate-"));
// A queue and a line for very few, so that a burst overflows them below.
const run = await openRun({ directory, writer: { queueCapacity: 10, maxWaiting: 10 } });

// The venue: it remembers what reached it and acknowledges at once.
const seen: Order[] = [];
const acks$ = new Subject<Ack>();
const venue = (order: Order): void => {
  seen.push(order);
  acks$.next({ order, venueOrderId: `V-${seen.length}` });
};

// The gate in front of it. Its error is where trading stops: it needs a handler.
const orders$ = new Subject<Order>();
orders$.pipe(record(run, commandOf)).subscribe({
  next: venue,
  error: (error: Error) => console.log(`the gate is shut: ${error.message}`),
});
// What comes back is recorded and passed on at once; at the halt this stream errors as well.
acks$.pipe(capture(run, eventOf)).subscribe({ error: () => {} });

let sent = 0;
const sendOrders = (count: number): void => {
  for (let i = 0; i < count; i += 1) {
    sent += 1;
    orders$.next({ id: randomUUID(), clientOrderId: `O-${sent}` });
  }
};

sendOrders(5);
console.log(`handed in ${sent} orders: on disk ${run.watermark - 1}, at the venue ${seen.length}`);
// Seq 1 is RunStarted; then five orders and five acks.
await firstValueFrom(run.watermark$.pipe(filter((seq) => seq === 11)));
console.log(`${run.watermark} entries on disk: at the venue ${seen.length}`);

sendOrders(1_000);
const reason = await firstValueFrom(run.halt$);
console.log(`halted by a burst of 1000: ${reason.kind}, at the venue ${seen.length}`);
// What was accepted before the halt still becomes durable, but it does not leave any more.
await lastValueFrom(run.watermark$);
console.log(`the rest is on disk: at the venue ${seen.length}`);

// The proof, from the log alone: every order that the venue saw is there, and its ack leads to it.
const reader = await readRun({ directory });
for (const [index, { clientOrderId }] of seen.entries()) {
  const command = await reader.lookup(CLIENT_ORDER_ID, clientOrderId);
  const ack = await reader.lookup(VENUE_ORDER_ID, `V-${index + 1}`);
  assert.ok(command !== undefined && ack !== undefined);
  const causationId = (await reader.entryAt(ack))?.headers.causationId ?? "none";
  assert.equal(await reader.lookup("messageId", causationId), command);
  console.log(`${clientOrderId} is entry ${command}; its ack, entry ${ack}, was caused by it`);
}
const recorded = await lastValueFrom(reader.entries$({ topics: ["exec.command"] }).pipe(count()));
console.log(`in the log ${recorded} orders, at the venue ${seen.length}: the safe side`);
await reader.close();
await rm(directory, { recursive: true });
