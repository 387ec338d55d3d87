package dev.countersign.policy.fuzz;

import dev.countersign.common.ParseError;
import dev.countersign.common.ParseResult;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.file.ApprovalPolicyFile;
import dev.countersign.policy.file.InventoryFile;
import java.nio.charset.StandardCharsets;

/**
 * The target of the fuzzers: whatever the bytes are, the reader of policy files and the one of
 * inventories answer, and what they say can be shown. Entry point of Jazzer, which needs this
 * signature.
 */
public final class PolicyFileFuzzer {
  private PolicyFileFuzzer() {}

  /** Tries one input as both kinds of file; throws where a promise is broken. */
  public static void fuzzerTestOneInput(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    ParseResult<PolicyConfig> first = ApprovalPolicyFile.parse(text);
    check(first);
    check(InventoryFile.parse(text));
    check(InventoryFile.parseAnswer(text));
    check(InventoryFile.parseMachine(text));
  }

  private static void check(ParseResult<?> outcome) {
    switch (outcome) {
      case ParseResult.Parsed<?> _ -> {}
      case ParseResult.Refused<?> refused -> {
        for (ParseError error : refused.errors()) {
          require(!error.path().isEmpty(), "an error without a path");
          require(isPrintable(error.message()), "the message lets control characters through");
          require(error.message().length() < 2000, "the message is long");
        }
      }
    }
  }

  private static boolean isPrintable(String text) {
    return text.chars().noneMatch(Character::isISOControl);
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalStateException(what);
    }
  }
}
