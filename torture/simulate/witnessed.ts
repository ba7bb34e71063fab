import { from, tap, type Observable, type ObservableInput } from "rxjs";
import type { Backend } from "../../src/backends/Backend.ts";
import type { BackendStep, Sight } from "./History.ts";
import { failureOf } from "./failureOf.ts";
import { overlaid } from "./overlaid.ts";

/** The backend as the writer meets it: what it asks for and what it hears is told. */
export function witnessed(backend: Backend, see: (sight: Sight) => void): Backend {
  const asked = <Answer>(
    { step, fromSeq, batches }: { step: BackendStep; fromSeq: number; batches: number[] },
    ask: () => ObservableInput<Answer>,
    isWrong: (answer: Answer) => boolean = () => false,
  ): Observable<Answer> => {
    see({ kind: "asked", step, fromSeq, batches });
    const failed = (failure: unknown): void =>
      see({ kind: "answered", step, failure: failureOf(failure).code ?? "" });
    let isAnswered = false;
    try {
      return from(ask()).pipe(
        tap({
          next: (answer) => {
            isAnswered = true;
            if (isWrong(answer)) failed(answer);
            else see({ kind: "answered", step });
          },
          error: failed,
          complete: () => {
            if (!isAnswered) failed(undefined);
          },
        }),
      );
    } catch (failure) {
      failed(failure);
      throw failure;
    }
  };
  return overlaid(backend, {
    append: (frames) =>
      asked(
        {
          step: "append",
          fromSeq: frames[0]?.fromSeq ?? 0,
          batches: frames.map(({ fromSeq, toSeq }) => toSeq - fromSeq + 1),
        },
        () => backend.append(frames),
        ({ toSeq }) => toSeq !== frames.at(-1)?.toSeq,
      ),
    recordSnapshotAnchor: (anchor) =>
      asked(plain("anchor"), () => backend.recordSnapshotAnchor(anchor)),
    seal: (status) => asked(plain("seal"), () => backend.seal(status)),
    close: () => asked(plain("close"), () => backend.close()),
    fail: () => {
      see({ kind: "given up" });
      backend.fail?.();
    },
  });
}

/** What is asked for where no batches are. */
function plain(step: BackendStep): { step: BackendStep; fromSeq: number; batches: number[] } {
  return { step, fromSeq: 0, batches: [] };
}
