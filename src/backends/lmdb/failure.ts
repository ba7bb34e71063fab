import {
  BackendError,
  CorruptedError,
  DiskError,
  FencedError,
  OutOfOrderError,
  type TidemarkError,
} from "../../model/errors.ts";
import type { Seq } from "../../model/entry.ts";

/** An error as data: no class crosses from one process to another. */
export type Failure =
  | { readonly kind: "disk" | "backend"; readonly message: string; readonly errno?: number }
  | { readonly kind: "corrupted"; readonly message: string; readonly seq?: Seq }
  | { readonly kind: "fenced"; readonly epoch: number; readonly foundEpoch: number }
  | { readonly kind: "out-of-order"; readonly seq: Seq; readonly highWatermark: Seq };

/** The data of an error; what has no kind of its own is the backend's. */
export function failureOf(error: TidemarkError): Failure {
  if (error instanceof OutOfOrderError) {
    return { kind: "out-of-order", seq: error.seq, highWatermark: error.highWatermark };
  }
  if (error instanceof FencedError) {
    return { kind: "fenced", epoch: error.epoch, foundEpoch: error.foundEpoch };
  }
  if (error instanceof CorruptedError) {
    const { reason: message, seq } = error;
    return seq === undefined ? { kind: "corrupted", message } : { kind: "corrupted", message, seq };
  }
  const kind = error instanceof DiskError ? "disk" : "backend";
  const errno =
    error instanceof DiskError || error instanceof BackendError ? error.errno : undefined;
  return errno === undefined
    ? { kind, message: error.message }
    : { kind, message: error.message, errno };
}

/** What the data of each kind of error must have: a text, or numbers. */
const FIELDS: Readonly<Record<Failure["kind"], readonly string[]>> = {
  disk: ["message"],
  backend: ["message"],
  corrupted: ["message"],
  fenced: ["epoch", "foundEpoch"],
  "out-of-order": ["seq", "highWatermark"],
};

/** Whether a value that came from outside is the data of an error. */
export function isFailure(value: unknown): value is Failure {
  if (typeof value !== "object" || value === null) return false;
  const { kind, ...fields } = value as Readonly<Record<string, unknown>>;
  if (typeof kind !== "string" || !Object.hasOwn(FIELDS, kind)) return false;
  return (
    FIELDS[kind as Failure["kind"]].every((field) => field in fields) &&
    Object.entries(fields).every(
      ([field, content]) => typeof content === (field === "message" ? "string" : "number"),
    )
  );
}

/** The error of the data. */
export function errorOf(failure: Failure): TidemarkError {
  switch (failure.kind) {
    case "disk":
      return new DiskError(failure.message, failure.errno);
    case "backend":
      return new BackendError(failure.message, failure.errno);
    case "corrupted":
      return new CorruptedError(failure.message, failure.seq);
    case "fenced":
      return new FencedError(failure.epoch, failure.foundEpoch);
    case "out-of-order":
      break;
  }
  return new OutOfOrderError(failure.seq, failure.highWatermark);
}
