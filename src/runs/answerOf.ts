import { firstValueFrom, from, type ObservableInput } from "rxjs";

/** What a log answers. Where it is a promise anyway, RxJS around it would take longer than a page does to be found. */
export async function answerOf<Answer>(answer: ObservableInput<Answer>): Promise<Answer> {
  return answer instanceof Promise ? (answer as Promise<Answer>) : firstValueFrom(from(answer));
}
