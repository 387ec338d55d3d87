package dev.countersign.cli.image;

import dev.countersign.common.command.CliException;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.image.ImageException;
import java.io.IOException;

/** Turns what the image module refused into the exit status scripts know. */
final class Refusals {
  private Refusals() {}

  interface Work {
    int run() throws CliException, IOException;
  }

  static int reported(Work work) throws CliException, IOException {
    try {
      return work.run();
    } catch (ImageException refusal) {
      throw new CliException(ExitStatus.REFUSED, String.valueOf(refusal.getMessage()), refusal);
    }
  }
}
