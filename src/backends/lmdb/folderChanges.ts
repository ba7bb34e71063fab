import { watch } from "node:fs";
import { Observable } from "rxjs";

/**
 * Emits when something in a folder is written, comes or goes. The system tells of a write when it
 * has returned, so of a synced one when it is on disk. Errors where the system has no watch to give;
 * each subscription has its own, which keeps the process alive.
 */
export function folderChanges(folder: string): Observable<void> {
  return new Observable((subscriber) => {
    const watcher = watch(folder, () => subscriber.next());
    watcher.on("error", (error) => subscriber.error(error));
    return () => watcher.close();
  });
}
