import { execFileSync } from "node:child_process";
import type { Attack, Context, Outcome } from "./Attack.ts";
import { Bench } from "./damage/Bench.ts";
import { copyTemplate } from "./damage/copyTemplate.ts";
import { Examiner } from "./damage/Examiner.ts";
import { signalFaults } from "./damage/signalFaults.ts";
import { badLogs } from "./files/badLogs.ts";
import { badManifests } from "./files/badManifests.ts";
import { badSurroundings } from "./files/badSurroundings.ts";
import { breachesOf, type BadFile } from "./files/BadFile.ts";
import { Foreigners, placeOf } from "./files/place.ts";

const KINDS: readonly BadFile[] = [...badLogs, ...badManifests, ...badSurroundings];
/** Each kind first with a run whose process was killed, then with one that is sealed. */
const CASES = 2 * KINDS.length;
/** What lets root read what nobody may read. */
const PASS_KEYS = "-dac_override,-dac_read_search";

/** Every kind of file and folder that should not be there, or should be there and is not. */
export const files: Attack = {
  name: "files",
  does: `${KINDS.length} kinds of bad files and folders, of a sealed and of a crashed run`,
  unit: "bad files",
  short: Math.ceil(KINDS.length / 3),
  long: CASES,
  run: attackByFiles,
};

async function attackByFiles(context: Context): Promise<Outcome> {
  const bench = await Bench.setUp(context);
  const foreigners = new Foreigners(context.folder());
  // Where we are root, permissions hold for nobody but this one.
  const modest = modestExaminer();
  const end = Math.min(context.from + context.count, CASES);
  await bench.workThrough(end, async (n, examiner) => {
    const kind = KINDS[n % KINDS.length];
    if (kind === undefined) return false;
    const asked = kind.isOfModes === true ? modest : examiner;
    if (asked === undefined) {
      bench.tally.add("left out: root is refused nothing without setpriv");
      return false;
    }
    await attackOnce({ bench, n, kind, foreigners }, asked);
    return true;
  });
  modest?.close();
  return bench.tally.outcome;
}

async function attackOnce(
  {
    bench,
    n,
    kind,
    foreigners,
  }: {
    readonly bench: Bench;
    readonly n: number;
    readonly kind: BadFile;
    readonly foreigners: Foreigners;
  },
  examiner: Examiner,
): Promise<void> {
  const template = n < KINDS.length ? bench.crashed : bench.sealed;
  const directory = copyTemplate(template, bench.folderOf(n));
  kind.spoil(placeOf(template, directory, foreigners));
  const { victim, bystander, victimIsSealed } = template;
  const examined = await examiner.examine({ directory, truth: victim, bystander, opens: true });
  const expected = victimIsSealed ? kind.sealed : kind.crashed;
  const breaches =
    "ended" in examined
      ? [examined.ended]
      : [...signalFaults(examined.signals), ...breachesOf(examined.answers, expected)];
  const what = `${kind.name}, ${victimIsSealed ? "sealed" : "crashed"}`;
  if (breaches.length > 0) bench.tally.breach(n, `${what}: ${breaches.join("; ")}`);
}

/** A process that permissions hold for; undefined where it cannot be had. */
function modestExaminer(): Examiner | undefined {
  if (process.getuid?.() !== 0) return new Examiner();
  const under = ["setpriv", `--bounding-set=${PASS_KEYS}`, `--inh-caps=${PASS_KEYS}`];
  try {
    execFileSync("setpriv", [...under.slice(1), "true"], { stdio: "ignore" });
  } catch {
    return undefined;
  }
  return new Examiner({ under });
}
