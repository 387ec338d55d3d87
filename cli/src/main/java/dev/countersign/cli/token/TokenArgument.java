package dev.countersign.cli.token;

import dev.countersign.common.command.CliException;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.policy.join.TokenId;

/** A token named on the command line: its id; a whole token is understood, too, and not echoed. */
final class TokenArgument {
  private TokenArgument() {}

  static TokenId parse(String text) throws CliException {
    int dot = text.indexOf('.');
    String id = dot < 0 ? text : text.substring(0, dot);
    String bare = id.startsWith("bootstrap-token-") ? id.substring(16) : id;
    try {
      return TokenId.parse(bare);
    } catch (IllegalArgumentException e) {
      throw new CliException(ExitStatus.USAGE, String.valueOf(e.getMessage()), e);
    }
  }
}
