import { of, throwError, type Observable } from "rxjs";

/**
 * Takes a step at once, at the call and only then, and gives its outcome to whoever subscribes:
 * a port's answer, synchronous, and the same however often it is looked at.
 */
export function answerOf<T>(step: () => T): Observable<T> {
  try {
    return of(step());
  } catch (failure) {
    return throwError(() => failure);
  }
}
