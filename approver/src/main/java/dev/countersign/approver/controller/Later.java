package dev.countersign.approver.controller;

import java.time.Duration;

/** Does something after a pause. */
@FunctionalInterface
interface Later {
  /** Does it on a virtual thread of that name. */
  Later ON_THREADS =
      (pause, name, what) ->
          Thread.ofVirtual()
              .name(name)
              .start(
                  () -> {
                    try {
                      Thread.sleep(pause);
                      what.run();
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                  });

  /** Returns at once and does it after the pause. */
  void after(Duration pause, String name, Runnable what);
}
