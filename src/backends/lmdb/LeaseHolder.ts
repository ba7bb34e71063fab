/** What the holder of a lease says of itself; nothing where it does not answer in time. */
export interface LeaseHolder {
  readonly pid?: number;
  /** Milliseconds since the Unix epoch. */
  readonly sinceMs?: number;
  readonly halted?: boolean;
}

/** A lease that is held. */
export interface HeldLease {
  /** Says from now on that the holder has halted and keeps the lease until its process ends. */
  markHalted(): void;
  /** Gives the lease back; a second call does nothing. */
  release(): Promise<void>;
}

/** What became of a try to take a lease: it is ours, or somebody's. */
export type LeaseAttempt = { readonly held: HeldLease } | { readonly holder: LeaseHolder };

/** A holder as it is written down: one line of JSON. */
export function encodeHolder(holder: LeaseHolder): string {
  return `${JSON.stringify(holder)}\n`;
}

/** The holder of a line; what is not understood is left out. */
export function decodeHolder(line: string): LeaseHolder {
  const { pid, sinceMs, halted } = parsed(line);
  return {
    ...(Number.isSafeInteger(pid) && (pid as number) > 0 ? { pid: pid as number } : {}),
    ...(Number.isSafeInteger(sinceMs) ? { sinceMs: sinceMs as number } : {}),
    ...(halted === true ? { halted } : {}),
  };
}

function parsed(line: string): Readonly<Record<keyof LeaseHolder, unknown>> {
  const nothing = { pid: undefined, sinceMs: undefined, halted: undefined };
  try {
    const value: unknown = JSON.parse(line);
    return { ...nothing, ...(value as object) };
  } catch {
    // Whoever answers so is a holder all the same.
    return nothing;
  }
}
