import {
  listRuns,
  openRun,
  readRun,
  TidemarkError,
  verifyRun,
  type Entry,
  type RunManifest,
  type RunReader,
} from "tidemark";
import { digestOf, identityOf, textOf, type Truth } from "./Truth.ts";

/** Where a run is, what it must answer, and what it is asked. */
export interface Examination {
  readonly directory: string;
  readonly truth: Truth;
  readonly bystander: Truth;
  /** Whether a new run is opened in the end, which recovers what was not sealed. */
  readonly opens: boolean;
}

/**
 * What was said to one question: `right`, the code of an error, `wrong: …` for an answer that is not
 * the right one, `missing: …` where the index has less than it must and nothing else, `failed: …` for
 * what is no error of ours; of a list and of a verification also what they tell is wrong (`problem`,
 * `found: …`).
 */
export interface Answer {
  readonly question: string;
  readonly said: string;
}

/** An answer that is not the right one. */
class Wrong extends Error {}

/** Rows of the index that are not found; all that are found are right. */
class Missing extends Error {}

type Ask = (question: string, look: () => Promise<string | void>) => Promise<void>;

/** Asks all that a user can ask of a run that may be damaged, and judges each answer. */
export async function examine(examination: Examination): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  const ask: Ask = async (question, look) => {
    answers.push({ question, said: await said(look) });
  };
  const { directory, truth, bystander } = examination;
  const manifestIsLike = (manifest: RunManifest): void =>
    expect("manifest", textOf(manifest), truth.manifest);
  await ask("list", () => listed(examination));
  await askReader("read", ask, { directory, truth, manifestIsLike });
  await askReader("edges", ask, { directory, truth, manifestIsLike, check: "edges" });
  await ask("verify", () => verified(directory, truth.runId));
  await ask("bystander", () => verified(directory, bystander.runId));
  if (examination.opens) await askNewRun(ask, examination);
  return answers;
}

async function said(look: () => Promise<string | void>): Promise<string> {
  try {
    return (await look()) ?? "right";
  } catch (failure) {
    if (failure instanceof Wrong) return `wrong: ${failure.message}`;
    if (failure instanceof Missing) return `missing: ${failure.message}`;
    if (failure instanceof TidemarkError) return failure.code;
    return `failed: ${String(failure)}`;
  }
}

async function listed({ directory, truth, bystander }: Examination): Promise<string> {
  const runs = await listRuns({ directory });
  if (runs.length === 0) return "nothing";
  const other = runs.find(({ manifest }) => manifest.runId === bystander.runId);
  expect("bystander", textOf(other?.manifest), bystander.manifest);
  const run = runs.find(({ manifest }) => manifest.runId === truth.runId);
  if (run === undefined) return "unlisted";
  if (run.problem !== undefined) return "problem";
  expect("manifest", textOf(run.manifest), truth.manifest);
  expect("watermark", run.watermark, truth.watermark);
  return "right";
}

async function verified(directory: string, runId: string): Promise<string> {
  const { findings } = await verifyRun({ directory, runId });
  const kinds = [...new Set(findings.map(({ kind }) => kind))];
  return kinds.length === 0 ? "right" : `found: ${kinds.join(", ")}`;
}

interface Reading {
  readonly directory: string;
  readonly truth: Truth;
  readonly manifestIsLike: (manifest: RunManifest) => void;
  readonly check?: "edges";
}

async function askReader(name: string, ask: Ask, reading: Reading): Promise<void> {
  const { directory, truth, check = "full" } = reading;
  let opened: RunReader | undefined;
  await ask(name, async () => {
    opened = await readRun({ directory, runId: truth.runId, check });
    reading.manifestIsLike(opened.manifest);
  });
  if (opened === undefined) return;
  const reader = opened;
  await ask(`${name} forwards`, () => readAll(reader.entries(), truth.entries));
  await ask(`${name} backwards`, () =>
    readAll(reader.entries({ reverse: true }), truth.entries.toReversed()),
  );
  await ask(`${name} one by one`, async () => {
    for (let seq = 1; seq <= truth.watermark; seq += 1) {
      const entry = await reader.entryAt(seq);
      expect(`entry ${seq}`, entry && digestOf(entry), truth.entries[seq - 1]);
    }
  });
  await ask(`${name} beyond`, async () => {
    expect("beyond the end", await reader.entryAt(truth.watermark + 1), undefined);
  });
  await ask(`${name} index`, () => lookUpAll(reader, truth));
  await ask(`${name} keys`, () => listKeys(reader, truth));
  await ask(`${name} anchor`, async () => {
    expect("anchor", textOf(await reader.latestSnapshotAnchor()), truth.anchor);
  });
  await ask(`${name} close`, () => reader.close());
}

async function readAll(entries: AsyncIterable<Entry>, expected: readonly string[]): Promise<void> {
  let count = 0;
  for await (const entry of entries) {
    expect(`entry ${entry.seq}`, digestOf(entry), expected[count]);
    count += 1;
  }
  expect("entries", count, expected.length);
}

/** Every key that is there, each on its own, so that one error hides nothing; and one that is not. */
async function lookUpAll(reader: RunReader, { keys }: Truth): Promise<void> {
  let error: unknown;
  const wrong: string[] = [];
  const missing: string[] = [];
  const absent = { kind: "clientOrderId", key: "O-none", seq: undefined };
  for (const { kind, key, seq } of [...keys, absent]) {
    try {
      const found = await reader.lookup(kind, key);
      if (found === seq) continue;
      if (found === undefined) missing.push(`${kind} ${key}`);
      else wrong.push(`${kind} ${key} at ${found} instead of ${seq}`);
    } catch (failure) {
      error = failure;
    }
  }
  if (wrong.length > 0) throw new Wrong(wrong.slice(0, 3).join(", "));
  if (missing.length > 0) throw new Missing(missing.slice(0, 3).join(", "));
  if (error !== undefined) throw error;
}

async function listKeys(reader: RunReader, { keys }: Truth): Promise<void> {
  for (const kind of new Set(keys.map((one) => one.kind))) {
    const left = new Map(keys.filter((one) => one.kind === kind).map(({ key, seq }) => [key, seq]));
    for await (const { key, seq } of reader.indexKeys(kind)) {
      // What was listed is not left: a key that comes twice is as wrong as one that does not belong.
      expect(`${kind} ${key}`, seq, left.get(key));
      left.delete(key);
    }
    if (left.size > 0) throw new Missing(`${left.size} keys of kind ${kind}`);
  }
}

/** A new run is opened whatever became of the others, and what it sealed answers as before. */
async function askNewRun(ask: Ask, { directory, truth, bystander }: Examination): Promise<void> {
  let status = "";
  await ask("open", async () => {
    const run = await openRun({ directory });
    const recovered = run.recovered.find(({ runId }) => runId === truth.runId);
    status = recovered?.status ?? "untouched";
    await run.append({ topic: "torture.after", payloadType: "Entry", payload: "" });
    await run.close();
    const own = await verified(directory, run.runId);
    if (own !== "right") throw new Wrong(`the new run: ${own}`);
    return status;
  });
  if (status === "crashed-recovered" || status === "ended") {
    const manifestIsLike = (manifest: RunManifest): void => {
      expect("manifest", identityOf(manifest), identityOf(manifestOf(truth)));
      expect("manifest's watermark", manifest.highWatermark, truth.watermark);
    };
    await askReader("recovered", ask, { directory, truth, manifestIsLike });
    await ask("recovered verify", () => verified(directory, truth.runId));
  }
  await ask("bystander after", () => verified(directory, bystander.runId));
}

function manifestOf({ manifest }: Truth): RunManifest {
  const values: unknown = JSON.parse(manifest);
  return values as RunManifest;
}

function expect(what: string, found: unknown, expected: unknown): void {
  if (found !== expected)
    throw new Wrong(`${what}: ${textOf(found)} instead of ${textOf(expected)}`);
}
