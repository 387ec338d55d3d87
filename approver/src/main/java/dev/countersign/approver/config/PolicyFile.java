package dev.countersign.approver.config;

import dev.countersign.common.ParseError;
import dev.countersign.common.ParseResult;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.config.PolicyWarnings;
import dev.countersign.policy.file.ApprovalPolicyFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A policy file that is looked at again and again. What counts is its content, not its time of
 * change: a mounted ConfigMap is swapped by a symbolic link, and a time stamp may be coarse or set
 * back. Not thread-safe.
 */
public final class PolicyFile {
  /** The largest file that is read, in bytes: as much as a ConfigMap can hold. */
  static final int MOST_BYTES = 1 << 20;

  private final Path path;
  private Content known;
  private Optional<Content> candidate = Optional.empty();
  private final PolicyConfig first;

  private PolicyFile(Path path, Content known, PolicyConfig first) {
    this.path = path;
    this.known = known;
    this.first = first;
  }

  /** What was in the file, or why that cannot be said. */
  private sealed interface Content {
    record Text(String text) implements Content {}

    record Problem(ParseError error) implements Content {}
  }

  /** What a look at the file showed. */
  public sealed interface Look {
    /** Nothing new, or something that may still be in the middle of being written. */
    record Unchanged() implements Look {}

    /** A new version without errors. */
    record Taken(PolicyConfig config) implements Look {
      /** Checks that nothing is missing. */
      public Taken {
        Objects.requireNonNull(config, "config");
      }
    }

    /**
     * A new version that cannot be used.
     *
     * @param errors every one that was found, at least one
     */
    record Refused(List<ParseError> errors) implements Look {
      /** Makes the list immutable. */
      public Refused {
        errors = List.copyOf(errors);
      }
    }
  }

  /** Reads the file for the first time; the outcome holds every error in it. */
  public static ParseResult<PolicyFile> open(Path path) {
    Content content = read(path);
    return switch (parse(content)) {
      case ParseResult.Parsed<PolicyConfig>(PolicyConfig config) ->
          new ParseResult.Parsed<>(new PolicyFile(path, content, config));
      case ParseResult.Refused<PolicyConfig>(List<ParseError> errors) ->
          new ParseResult.Refused<>(errors);
    };
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  /** What was in it when it was opened. */
  public PolicyConfig first() {
    return first;
  }

  /** A warning for each word of the release before in what was read last. */
  public List<PolicyWarnings.Warning> deprecations() {
    return switch (known) {
      case Content.Text(String text) -> ApprovalPolicyFile.deprecations(text);
      case Content.Problem _ -> List.of();
    };
  }

  /**
   * Looks at the file. A version is evaluated when two looks in a row have found the same: one that
   * is being written may be cut short where it still reads as a policy, and a shorter one may allow
   * more. Each version is told of once.
   */
  public Look look() {
    Content now = read(path);
    if (now.equals(known)) {
      candidate = Optional.empty();
      return new Look.Unchanged();
    }
    if (!candidate.equals(Optional.of(now))) {
      candidate = Optional.of(now);
      return new Look.Unchanged();
    }
    candidate = Optional.empty();
    known = now;
    return switch (parse(now)) {
      case ParseResult.Parsed<PolicyConfig>(PolicyConfig config) -> new Look.Taken(config);
      case ParseResult.Refused<PolicyConfig>(List<ParseError> errors) -> new Look.Refused(errors);
    };
  }

  private static ParseResult<PolicyConfig> parse(Content content) {
    return switch (content) {
      case Content.Text(String text) -> ApprovalPolicyFile.parse(text);
      case Content.Problem(ParseError error) -> new ParseResult.Refused<>(List.of(error));
    };
  }

  private static Content read(Path path) {
    try (InputStream in = Files.newInputStream(path)) {
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        return problem(path, "more than " + MOST_BYTES + " bytes");
      }
      return new Content.Text(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      return problem(path, "bytes that are not UTF-8");
    } catch (NoSuchFileException e) {
      return problem(path, "no such file");
    } catch (IOException e) {
      return problem(path, "an error reading it (" + e.getMessage() + ")");
    }
  }

  private static Content problem(Path path, String got) {
    return new Content.Problem(new ParseError(path.toString(), got, "an ApprovalPolicy"));
  }
}
