import { watch } from "node:fs";
import type { Subscribable } from "rxjs";

/**
 * Emits when something in a folder is written, comes or goes. The system tells of a write when it
 * has returned, so of a synced one when it is on disk. Errors where the system has no watch to give;
 * each subscription has its own, which keeps the process alive.
 *
 * It is no Observable: who only lists runs need not load RxJS, which takes longer than the list.
 */
export function folderChanges(folder: string): Subscribable<void> {
  return {
    subscribe: (observer) => {
      try {
        const watcher = watch(folder, () => observer.next?.());
        watcher.on("error", (error) => observer.error?.(error));
        return { unsubscribe: () => watcher.close() };
      } catch (error) {
        observer.error?.(error);
        return { unsubscribe: () => {} };
      }
    },
  };
}
