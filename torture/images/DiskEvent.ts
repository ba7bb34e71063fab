import { readFileSync } from "node:fs";

/** One thing that a recorded program did to the folder under attack, or said. */
export type DiskEvent =
  | OpenEvent
  | WriteEvent
  | { readonly kind: "truncate"; readonly inode: bigint; readonly size: number }
  | { readonly kind: "syncBegins" | "syncEnds"; readonly inode: bigint }
  | NamesEvent
  | { readonly kind: "announce"; readonly text: string };

/** A name leads to a file or folder, which is made there where there was none. */
export interface OpenEvent {
  readonly kind: "open";
  readonly path: string;
  readonly inode: bigint;
  /** It has lost what it held (O_TRUNC). */
  readonly isCut: boolean;
}

export interface WriteEvent {
  readonly kind: "write";
  readonly inode: bigint;
  readonly at: number;
  readonly bytes: Uint8Array;
  /** Once it has returned it is on disk (O_DSYNC). */
  readonly isSynced: boolean;
}

export interface NamesEvent {
  readonly kind: "names";
  readonly change: "make folder" | "remove" | "rename" | "link";
  readonly path: string;
  /** The other name, of a rename or a link. */
  readonly to: string;
}

interface Recorded {
  readonly type: string;
  readonly path: string;
  readonly data: Buffer;
  readonly inode: bigint;
  readonly at: number;
}

const HEAD_BYTES = 32;

/** What shim.c has recorded, in the order in which it returned. */
export function readEvents(logFile: string): readonly DiskEvent[] {
  const log = readFileSync(logFile);
  const events: DiskEvent[] = [];
  for (let position = 0; position < log.byteLength;) {
    const pathBytes = log.readUInt32LE(position + 4);
    const dataBytes = log.readUInt32LE(position + 8);
    const pathAt = position + HEAD_BYTES;
    const dataAt = pathAt + pathBytes;
    events.push(
      eventOf({
        type: String.fromCodePoint(log.readUInt8(position)),
        path: log.toString("utf8", pathAt, dataAt),
        data: log.subarray(dataAt, dataAt + dataBytes),
        inode: log.readBigUInt64LE(position + 16),
        at: Number(log.readBigUInt64LE(position + 24)),
      }),
    );
    position = dataAt + dataBytes;
  }
  return events;
}

const EVENTS: Readonly<Record<string, (recorded: Recorded) => DiskEvent>> = {
  A: ({ data }) => ({ kind: "announce", text: data.toString() }),
  O: ({ path, inode, at }) => ({ kind: "open", path, inode, isCut: at !== 0 }),
  W: ({ inode, at, data }) => ({ kind: "write", inode, at, bytes: data, isSynced: false }),
  D: ({ inode, at, data }) => ({ kind: "write", inode, at, bytes: data, isSynced: true }),
  T: ({ inode, at }) => ({ kind: "truncate", inode, size: at }),
  S: ({ inode }) => ({ kind: "syncBegins", inode }),
  F: ({ inode }) => ({ kind: "syncEnds", inode }),
  M: (recorded) => namesEvent("make folder", recorded),
  U: (recorded) => namesEvent("remove", recorded),
  R: (recorded) => namesEvent("rename", recorded),
  L: (recorded) => namesEvent("link", recorded),
};

function namesEvent(change: NamesEvent["change"], { path, data }: Recorded): NamesEvent {
  return { kind: "names", change, path, to: data.toString() };
}

function eventOf(recorded: Recorded): DiskEvent {
  const make = EVENTS[recorded.type];
  if (make === undefined) throw new Error(`The log has a record of type ${recorded.type}`);
  return make(recorded);
}
