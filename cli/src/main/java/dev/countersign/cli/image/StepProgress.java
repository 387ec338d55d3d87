package dev.countersign.cli.image;

import dev.countersign.cli.terminal.Console;
import dev.countersign.image.fetch.Progress;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Bars for the stages that run side by side, all on one line of the terminal. */
public final class StepProgress implements Progress, AutoCloseable {
  private static final int WIDTH = 10;

  private static final class Stage {
    long total;
    long done;
    boolean finished;
  }

  private final Map<String, Stage> stages = new LinkedHashMap<>();
  private final dev.countersign.cli.terminal.Progress line;

  StepProgress(Console console, String title) {
    this.line = dev.countersign.cli.terminal.Progress.start(console, title);
  }

  @Override
  public synchronized void start(String stage, long total) {
    stages.computeIfAbsent(stage, _ -> new Stage()).total += total;
    show();
  }

  @Override
  public synchronized void advance(String stage, long units) {
    stages.computeIfAbsent(stage, _ -> new Stage()).done += units;
    show();
  }

  @Override
  public synchronized void finish(String stage) {
    Stage each = stages.computeIfAbsent(stage, _ -> new Stage());
    each.finished = each.done >= each.total;
    show();
  }

  private void show() {
    var text = new StringBuilder();
    stages.forEach(
        (name, stage) -> {
          if (stage.finished || stage.total <= 0) {
            return;
          }
          long done = Math.min(stage.done, stage.total);
          int filled = (int) (WIDTH * done / stage.total);
          text.append(text.isEmpty() ? "" : "  ")
              .append(name)
              .append(" [")
              .append("#".repeat(filled))
              .append(".".repeat(WIDTH - filled))
              .append("] ")
              .append(String.format(Locale.ROOT, "%d %%", 100 * done / stage.total));
        });
    if (!text.isEmpty()) {
      line.update(text.toString());
    }
  }

  /** The step is done. */
  public void done(String result) {
    line.done(result);
  }

  /** The step did not work; the reason is told by whoever reports the failure. */
  public void failed(String why) {
    line.failed(why);
  }

  @Override
  public void close() {
    line.close();
  }
}
