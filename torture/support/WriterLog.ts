import type { HaltReason, RunManifest } from "../../src/index.ts";
import type { ChildProgram } from "./ChildProgram.ts";

type Recovered = Pick<RunManifest, "runId" | "status" | "highWatermark">;

/** What a writer (programs/writer.ts) has said of its run so far. */
export class WriterLog {
  runId: string | undefined;
  /** The last watermark that it told. */
  acknowledged = 0;
  recovered: readonly Recovered[] = [];
  halt: HaltReason | undefined;
  halts = 0;
  /** The last watermark that it told before its halt. */
  acknowledgedAtHalt: number | undefined;
  closed: Pick<RunManifest, "status" | "highWatermark"> | undefined;
  failure: { readonly code: string; readonly errno?: number; readonly message: string } | undefined;
  /** Resolves when the run is open, or will never be. */
  readonly begun: Promise<void>;
  /** Resolves when everything was read: the child has closed its output. */
  readonly read: Promise<void>;
  #begin: () => void = () => {};

  /** @param onLine - called when one more line was taken in. */
  constructor(child: ChildProgram, onLine: () => void = () => {}) {
    this.begun = new Promise((resolve) => {
      this.#begin = resolve;
    });
    this.read = this.#readAll(child, onLine);
  }

  async #readAll({ lines }: ChildProgram, onLine: () => void): Promise<void> {
    for await (const line of lines) {
      const [word = "", json = ""] = line.split(/ (.*)/s);
      this.#take(word, json);
      onLine();
    }
    this.#begin();
  }

  #take(word: string, json: string): void {
    switch (word) {
      case "open": {
        const opened = JSON.parse(json) as {
          readonly runId: string;
          readonly watermark: number;
          readonly recovered: readonly Recovered[];
        };
        this.runId = opened.runId;
        this.acknowledged = opened.watermark;
        this.recovered = opened.recovered;
        return this.#begin();
      }
      case "ack":
        // A kill may cut the last line: then it was not said.
        if (/^\d+$/.test(json)) this.acknowledged = Number(json);
        return;
      case "halt":
        return this.#halted(JSON.parse(json) as HaltReason);
      case "closed":
        this.closed = JSON.parse(json) as WriterLog["closed"];
        return;
      case "failed":
        this.failure = JSON.parse(json) as WriterLog["failure"];
        return this.#begin();
      default:
        throw new Error(`The writer said ${word} ${json}`);
    }
  }

  #halted(halt: HaltReason): void {
    this.halts += 1;
    this.halt = halt;
    this.acknowledgedAtHalt ??= this.acknowledged;
  }
}
