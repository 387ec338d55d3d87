package dev.countersign.image.fetch;

/** Told how work goes on, from any thread; must return quickly and never throw. */
public interface Progress {
  /** A stage begins, e.g. {@code download}, of so many units, mostly bytes. */
  void start(String stage, long total);

  /** So many more units of the stage are done. */
  void advance(String stage, long units);

  /** The stage has ended. */
  void finish(String stage);

  /** Tells nobody. */
  static Progress silent() {
    return new Progress() {
      @Override
      public void start(String stage, long total) {}

      @Override
      public void advance(String stage, long units) {}

      @Override
      public void finish(String stage) {}
    };
  }
}
