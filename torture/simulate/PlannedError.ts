/** What a script lets its subscribers and callbacks throw. */
export class PlannedError extends Error {
  constructor() {
    super("planned");
  }
}
