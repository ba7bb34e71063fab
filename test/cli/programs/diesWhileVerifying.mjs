// Loaded into the process that verifies (`--import`): it dies of a signal once it has told of this.
// JavaScript, because it is loaded before whatever reads TypeScript.
const [kind, signal] = (process.env["TIDEMARK_TEST_DEATH"] ?? "").split(" ");
const tell = process.send?.bind(process);
if (tell !== undefined && kind !== "") {
  process.send = (message, ...rest) => {
    if (message.kind !== kind) return tell(message, ...rest);
    return tell(message, () => process.kill(process.pid, signal));
  };
}
