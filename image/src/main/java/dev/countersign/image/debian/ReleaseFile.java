package dev.countersign.image.debian;

import dev.countersign.image.ImageException;
import dev.countersign.image.plan.Digest;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What a verified {@code Release} says: which suite it is, when it was made, until when it may be
 * used, and the digest of every index (Debian repository format). Immutable.
 */
public final class ReleaseFile {
  private static final Duration SKEW = Duration.ofHours(24);

  /** Size in bytes and digest of an index. */
  public record Index(long size, Digest checksum) {
    public Index {
      Objects.requireNonNull(checksum, "checksum");
    }
  }

  private final String suite;
  private final String codename;
  private final Instant date;
  private final Optional<Instant> validUntil;
  private final boolean byHash;
  private final Map<String, Index> indexes;

  private ReleaseFile(
      String suite,
      String codename,
      Instant date,
      Optional<Instant> validUntil,
      boolean byHash,
      Map<String, Index> indexes) {
    this.suite = suite;
    this.codename = codename;
    this.date = date;
    this.validUntil = validUntil;
    this.byHash = byHash;
    this.indexes = Map.copyOf(indexes);
  }

  /** Reads the text of a release file that was verified. The name is for messages. */
  public static ReleaseFile parse(String name, String text) {
    Stanza stanza = Stanza.single(text);
    var indexes = new HashMap<String, Index>();
    for (String line : stanza.required("SHA256").lines().toList()) {
      if (line.isBlank()) {
        continue;
      }
      List<String> words = List.of(line.strip().split("\\s+", -1));
      if (words.size() != 3) {
        throw new ImageException(name + ".SHA256", line, "digest, size and path");
      }
      indexes.put(words.get(2), new Index(size(name, words.get(1)), Digest.sha256(words.get(0))));
    }
    return new ReleaseFile(
        stanza.field("Suite").orElse(""),
        stanza.field("Codename").orElse(""),
        time(name + ".Date", stanza.required("Date")),
        stanza.field("Valid-Until").map(value -> time(name + ".Valid-Until", value)),
        stanza.field("Acquire-By-Hash").filter("yes"::equals).isPresent(),
        indexes);
  }

  /**
   * Refuses a release that is of another suite, from the future, too old, or older than one seen
   * before.
   *
   * @param notBefore the date of the release the last lock was made from, against roll-back
   * @param expiredAllowed for snapshots of the past only: Valid-Until is not looked at
   */
  public void check(
      String name,
      String wantedSuite,
      Instant now,
      Optional<Instant> notBefore,
      boolean expiredAllowed) {
    if (!wantedSuite.equals(suite) && !wantedSuite.equals(codename)) {
      throw new ImageException(name, "suite " + suite + ", codename " + codename, wantedSuite);
    }
    if (date.isAfter(now.plus(SKEW))) {
      throw new ImageException(
          name + ".Date", date.toString(), "not after now, " + now, "check this machine's clock");
    }
    if (!expiredAllowed && validUntil.isPresent() && now.isAfter(validUntil.get())) {
      throw new ImageException(
          name + ".Valid-Until",
          validUntil.get().toString(),
          "not before now, " + now,
          "the mirror is stale; use another, or --allow-expired for a snapshot of the past");
    }
    if (notBefore.isPresent() && date.isBefore(notBefore.get())) {
      throw new ImageException(
          name + ".Date",
          date.toString(),
          "not before " + notBefore.get() + ", the date in the lock that is there",
          "the mirror went back in time; use another, or remove the old lock if that is meant");
    }
  }

  public Instant date() {
    return date;
  }

  /**
   * Whether indexes may be fetched by their digest, so that a mirror in mid-update does no harm.
   */
  public boolean byHash() {
    return byHash;
  }

  /** The index at a path relative to the suite's directory, e.g. main/binary-amd64/Packages.xz. */
  public Index index(String name, String path) {
    Index found = indexes.get(path);
    if (found == null) {
      throw new ImageException(
          name, "no index " + path, "an index " + path, "check suite, component, architecture");
    }
    return found;
  }

  private static long size(String name, String digits) {
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException notANumber) {
      throw (ImageException)
          new ImageException(name + ".SHA256", digits, "a size in bytes").initCause(notANumber);
    }
  }

  private static Instant time(String name, String value) {
    try {
      return RFC_2822.parse(value, Instant::from);
    } catch (DateTimeException unreadable) {
      throw (ImageException)
          new ImageException(name, value, "a time like Sat, 12 Sep 2026 07:55:41 UTC")
              .initCause(unreadable);
    }
  }

  /** Debian writes the zone as UTC where RFC 2822 would have +0000; both are read. */
  private static final DateTimeFormatter RFC_2822 =
      new DateTimeFormatterBuilder()
          .parseCaseInsensitive()
          .appendPattern("EEE, d MMM yyyy HH:mm:ss ")
          .appendPattern("[z][XX]")
          .toFormatter(Locale.ROOT);
}
