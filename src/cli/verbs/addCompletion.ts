import { Argument } from "commander";
import type { Shell } from "../completion/completion.ts";
import type { AddVerb } from "./AddVerb.ts";
import { withExample } from "./withExample.ts";

/** `completion`. */
export const addCompletion: AddVerb = (program, context, ended) => {
  const verb = program
    .command("completion")
    .description("print the script that makes a shell complete verbs and options")
    .addArgument(new Argument("<shell>", "for which shell").choices(["bash", "zsh", "fish"]))
    .action(async (shell: Shell) => {
      const { completion } = await import("../completion/completion.ts");
      ended(completion(shell, program, context));
    });
  withExample(verb, "source <(tidemark completion bash)");
};
