package dev.countersign.cli.approver;

import dev.countersign.approver.join.JoinListener;
import dev.countersign.cli.terminal.Console;
import dev.countersign.policy.join.JoinDecision;

/** One line on standard error for each verdict of strict join, and for what it could not do. */
final class JoinLog implements JoinListener {
  private final Console console;

  JoinLog(Console console) {
    this.console = console;
  }

  @Override
  public void decided(String request, JoinDecision decision) {
    String line =
        switch (decision) {
          case JoinDecision.Admit admit -> "admit node " + admit.node();
          case JoinDecision.Renew renew -> "renew node " + renew.node();
          case JoinDecision.Deny deny -> "deny " + deny.violations().getFirst().message();
          case JoinDecision.Hold hold -> "hold " + hold.violations().getFirst().message();
        };
    say("join " + request + ": " + line);
  }

  @Override
  public void written(String request, Step step) {
    // the verdict follows from the decision; only what goes wrong needs a line of its own
  }

  @Override
  public void troubled(String request, String why) {
    say("join " + request + ": tried again: " + why);
  }

  private void say(String line) {
    console.err().println(Console.printable(line).replace('\n', ' '));
  }
}
