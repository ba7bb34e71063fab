import { randomNumbers, uuidOf } from "../../../examples/04-matching-engine/orderFlow.ts";

/** Market changes as an exchange for bets streams them: one JSON object per line. */
export function* betfairLines(count: number, seed = 1): Generator<string> {
  const random = randomNumbers(seed);
  let publishMs = 1_715_126_400_000;
  for (let n = 0; n < count; n += 1) {
    publishMs += Math.floor(random() * 200);
    const runners = Array.from({ length: 1 + Math.floor(random() * 3) }, () => ({
      id: 10_000 + Math.floor(random() * 20),
      batb: [[0, Math.round(random() * 1_000) / 100 + 1.01, Math.round(random() * 50_000) / 100]],
      ...(random() < 0.3 ? { ltp: Math.round(random() * 1_000) / 100 + 1.01 } : {}),
    }));
    const mc = [{ id: `1.${200_000_000 + Math.floor(random() * 5)}`, rc: runners }];
    yield JSON.stringify({ op: "mcm", id: 1, clk: `AAAA${n.toString(36)}`, pt: publishMs, mc });
  }
}

/** Orders and trades of a futures desk, as drafts: with keys, headers, times, text and bytes. */
export function* futuresLines(count: number, seed = 2): Generator<string> {
  const random = randomNumbers(seed);
  let tsInit = 1_715_126_400_000_000_000n;
  for (let n = 0; n < count; n += 1) {
    tsInit += BigInt(Math.floor(random() * 5_000_000));
    const id = uuidOf(random);
    const order = `O-${Math.floor(n / 3)}`;
    const isCommand = n % 3 === 0;
    const price = (5_000 + Math.floor(random() * 400) / 4).toFixed(2);
    yield JSON.stringify({
      topic: isCommand ? "exec.command" : `exec.event.${n % 2 === 0 ? "ES" : "注文"}`,
      payloadType: isCommand ? "SubmitOrder" : "Fill",
      ...(random() < 0.2
        ? { payloadBase64: Buffer.of(0xff, n % 256, 0xc0).toString("base64") }
        : { payload: `{"clientOrderId":"${order}","price":${price},"note":"é\\u0000\\n"}` }),
      tsInit: tsInit.toString(),
      ...(isCommand ? { headers: { correlationId: id } } : { headers: { causationId: id } }),
      ...(random() < 0.9 ? { indexKeys: [{ kind: "clientOrderId", key: order }] } : {}),
    });
  }
}
