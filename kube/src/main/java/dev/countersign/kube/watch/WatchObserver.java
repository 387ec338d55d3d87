package dev.countersign.kube.watch;

/** Told of what happens to a watch, for metrics and logs. */
public interface WatchObserver {
  /** Does nothing. */
  WatchObserver NONE =
      new WatchObserver() {
        @Override
        public void restarted(String collection, String why) {}

        @Override
        public void troubled(String collection, String why) {}
      };

  /** A watch ended as it should and is opened again. */
  void restarted(String collection, String why);

  /** A list or watch broke; it is tried again after a pause. */
  void troubled(String collection, String why);

  /** A collection that need not be there is not, or is not shown; told once until that changes. */
  default void missing(String collection, String why) {}
}
