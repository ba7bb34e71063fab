import type { RunCatalog } from "../backends/RunCatalog.ts";
import { anchorLaws } from "./contract/anchorLaws.ts";
import { appendLaws } from "./contract/appendLaws.ts";
import { catalogLaws } from "./contract/catalogLaws.ts";
import { followLaws } from "./contract/followLaws.ts";
import { indexLaws } from "./contract/indexLaws.ts";
import type { Laws } from "./contract/Laws.ts";
import { LawScope } from "./contract/LawScope.ts";
import { leaseLaws } from "./contract/leaseLaws.ts";
import { pageLaws } from "./contract/pageLaws.ts";
import { sealLaws } from "./contract/sealLaws.ts";
import { walkLaws } from "./contract/walkLaws.ts";

const LAWS: Readonly<Record<string, Laws>> = {
  append: appendLaws,
  framesFrom: pageLaws,
  index: indexLaws,
  anchors: anchorLaws,
  seal: sealLaws,
  catalog: catalogLaws,
  lease: leaseLaws,
  follow: followLaws,
  walk: walkLaws,
};

/** What {@link backendContract} needs to know of a backend. */
export interface BackendContractConfig {
  /** What the tests' titles begin with. */
  readonly name: string;
  /** A fresh, empty catalog; called once per test. */
  readonly catalog: () => RunCatalog | Promise<RunCatalog>;
  /** Clears away what `catalog` made; called after each test, when everything is closed. */
  readonly dispose?: (catalog: RunCatalog) => void | Promise<void>;
  /** Registers one test: the `test` of any runner. */
  readonly test: (title: string, fn: () => void | Promise<void>) => void;
}

/**
 * What the ports mean, as tests: whoever writes a backend runs them on it. They take real time and
 * some 10 MB, know no runner, and check a failure by its code and fields.
 *
 * @example
 * ```ts
 * import { test } from "node:test";
 * import { memoryCatalog } from "tidemark";
 * import { backendContract } from "tidemark/testing";
 *
 * backendContract({ name: "memory", catalog: memoryCatalog, test });
 * ```
 */
export function backendContract({ name, catalog, dispose, test }: BackendContractConfig): void {
  for (const [subject, laws] of Object.entries(LAWS)) {
    for (const [title, law] of Object.entries(laws)) {
      test(`${name}: ${subject}: ${title}`, async () => {
        const fresh = await catalog();
        try {
          await inScope(fresh, law);
        } finally {
          await dispose?.(fresh);
        }
      });
    }
  }
}

/** Closes what the law opened, whatever comes of it; the law's own failure is told first. */
async function inScope(catalog: RunCatalog, law: Laws[string]): Promise<void> {
  const scope = new LawScope(catalog);
  try {
    await law?.(scope);
  } catch (failure) {
    await scope.end().catch(() => undefined);
    throw failure;
  }
  await scope.end();
}
