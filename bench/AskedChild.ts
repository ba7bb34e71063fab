import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** A program of ours in a process of its own, that answers each message with one. */
export class AskedChild implements AsyncDisposable {
  readonly #child: ChildProcess;

  constructor(program: URL, args: readonly string[]) {
    this.#child = fork(program, [...args], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  }

  /** @throws where the process ends without an answer. */
  ask<Answer>(question: object): Promise<Answer> {
    const answered = this.answer<Answer>();
    this.#child.send(question);
    return answered;
  }

  /** What the process says next, asked or not. */
  answer<Answer>(): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const onExit = (code: number | null, signal: NodeJS.Signals | null): void => {
        this.#child.off("message", onMessage);
        reject(new Error(`The process ended with ${code ?? signal} and no answer`));
      };
      const onMessage = (message: unknown): void => {
        this.#child.off("exit", onExit);
        resolve(message as Answer);
      };
      this.#child.once("message", onMessage).once("exit", onExit);
    });
  }

  /** Lets the process end by itself, and waits for it. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { exitCode, signalCode, connected } = this.#child;
    if (connected) this.#child.disconnect();
    if (exitCode === null && signalCode === null) await once(this.#child, "exit");
  }
}
