import { rmSync } from "node:fs";
import type { Attack, Context, Outcome } from "./Attack.ts";
import { Bench } from "./damage/Bench.ts";
import { copyTemplate } from "./damage/copyTemplate.ts";
import type { Examiner } from "./damage/Examiner.ts";
import { folderOf } from "./damage/template.ts";
import { damageRun, REGIONS } from "./flip/damage.ts";
import { judge } from "./flip/judge.ts";

/** Bytes that change on the disk, and files that go back to what they were. */
export const flip: Attack = {
  name: "flip",
  does: "flipped bytes in page headers, metas, anywhere, 64 at once and lock.mdb, and files rolled back",
  unit: "flips",
  short: 24,
  long: 10_000,
  run: attackByFlips,
};

async function attackByFlips(context: Context): Promise<Outcome> {
  const bench = await Bench.setUp(context);
  await bench.workThrough(context.from + context.count, async (n, examiner) => {
    await attackOnce({ context, bench, n }, examiner);
    return true;
  });
  return bench.tally.outcome;
}

async function attackOnce(
  { context, bench, n }: { readonly context: Context; readonly bench: Bench; readonly n: number },
  examiner: Examiner,
): Promise<void> {
  const dice = context.dice(n);
  const template = dice.pick([bench.sealed, bench.crashed]);
  const { victim, bystander, victimIsSealed, olderFiles } = template;
  const directory = copyTemplate(template, bench.folderOf(n));
  const region = REGIONS[n % REGIONS.length] ?? "anywhere";
  const damage = damageRun(folderOf(directory, victim), region, { dice, olderFiles });
  const opens = !victimIsSealed;
  const examined = await examiner.examine({ directory, truth: victim, bystander, opens });
  const { breaches, counts } = judge(damage, examined);
  const what = `${victimIsSealed ? "sealed" : "crashed"}, ${damage.what}`;
  if (breaches.length > 0) bench.tally.breach(n, `${what}: ${breaches.join("; ")}`);
  for (const count of counts) bench.tally.add(count);
  bench.tally.add(damage.isRollback ? "rolled back" : region);
  rmSync(directory, { recursive: true, force: true });
}
