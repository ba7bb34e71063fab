/** Something that a user could pick instead: a program that does the same work. */
export interface Peer {
  readonly id: PeerId;
  /** What it is called wherever results are shown. */
  readonly name: string;
  /** Makes it ready, or says why it cannot be had here. */
  prepare(): Promise<Prepared | { readonly why: string }>;
}

/** A peer that is ready. */
interface Prepared {
  /** Takes a job as its last argument. */
  readonly command: readonly string[];
  /** Its versions, what is charged and how durable an acknowledgement is. */
  readonly does: string;
}

/** The peers that are ours. */
type OwnId = "tidemark" | "tidemarkWriter";

/** Those that run in Node, as `program.ts` knows them. */
export type NodePeerId =
  | OwnId
  | "rawGrowing"
  | "rawZeroed"
  | "literalPipeline"
  | "lmdbRecords"
  | "sqliteRows"
  | "sqliteBlob"
  | "classicLevel"
  | "eventStorage"
  | "postgres";

/** All of them; a name may change. */
export type PeerId = NodePeerId | "original" | "originalTuned" | "redb" | "redbBlob" | "umadb";

/** What we want to reach against whom, where we have said so. */
export type Reach = Partial<Readonly<Record<PeerId, string>>>;
