import { firstValueFrom, from, type ObservableInput } from "rxjs";

/** What a log answers. Where that is a promise anyway, it is waited for without RxJS around it. */
export async function awaited<Answer>(answer: ObservableInput<Answer>): Promise<Answer> {
  return answer instanceof Promise ? (answer as Promise<Answer>) : firstValueFrom(from(answer));
}
