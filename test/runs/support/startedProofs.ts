import { ProofThread } from "../../../src/runs/ProofThread.ts";
import { SharedProofs } from "../../../src/runs/SharedProofs.ts";
import { eventually } from "../../support/processes.ts";

/** Proofs on a thread that has been started. */
interface StartedProofs {
  readonly shared: SharedProofs;
  /** Waits until the thread has nothing to do. */
  idle(): Promise<void>;
  end(): Promise<void>;
}

/** The thread is started with the first wait. */
export function startedProofs(): StartedProofs {
  let thread: ProofThread | undefined;
  const shared = new SharedProofs(undefined, () => {
    thread = new ProofThread();
    return thread;
  });
  return {
    shared,
    async idle() {
      await shared.areProven([]);
      await eventually(() => thread?.isBusy !== true, "The thread does not answer");
      if (!(await shared.areProven([]))) throw new Error("The thread proves nothing");
    },
    async end() {
      await thread?.end();
    },
  };
}
