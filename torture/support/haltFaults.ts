import type { WriterLog } from "./WriterLog.ts";

type Halted = Pick<WriterLog, "halts" | "acknowledged" | "acknowledgedAtHalt">;

/** What no writer may do, whatever it halts by. */
export function haltFaults({ halts, acknowledged, acknowledgedAtHalt }: Halted): readonly string[] {
  const isLate = acknowledged > (acknowledgedAtHalt ?? acknowledged);
  return [
    ...(halts > 1 ? [`it halted ${halts} times`] : []),
    ...(isLate ? [`acknowledged ${acknowledged} after its halt at ${acknowledgedAtHalt}`] : []),
  ];
}
