package dev.countersign.cli.image;

import dev.countersign.common.command.CommandFailure;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.image.ImageRefusal;
import java.io.IOException;

/** Turns what the image module refused into the exit status scripts know. */
final class Refusals {
  private Refusals() {}

  interface Work {
    int run() throws CommandFailure, IOException;
  }

  static int reported(Work work) throws CommandFailure, IOException {
    try {
      return work.run();
    } catch (ImageRefusal refusal) {
      throw new CommandFailure(ExitStatus.REFUSED, String.valueOf(refusal.getMessage()), refusal);
    }
  }
}
