/** Something that a user could pick instead: a program that does the same work. */
export interface Peer {
  readonly name: string;
  /** What is charged and how durable an acknowledgement is. */
  readonly does: string;
  /** The command that takes a job as its last argument, or why it cannot be had here. */
  prepare(): Promise<{ readonly command: readonly string[] } | { readonly why: string }>;
}
