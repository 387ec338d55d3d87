package dev.countersign.cluster.report;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** What stands in one cell of a table. Texts may be anything: they are shown, never read. */
public sealed interface Cell {
  /** Words. */
  record Text(String text) implements Cell {
    public Text {
      Objects.requireNonNull(text, "text");
    }
  }

  /** A name or an address, in a fixed-width font. */
  record Code(String text) implements Cell {
    public Code {
      Objects.requireNonNull(text, "text");
    }
  }

  /** Several names, one a line. */
  record Items(List<String> items) implements Cell {
    public Items {
      items = List.copyOf(items);
    }
  }

  /** A moment; empty where there is none. */
  record Moment(Optional<Instant> at) implements Cell {
    public Moment {
      Objects.requireNonNull(at, "at");
    }
  }

  /** A word, and how bad it is. */
  record State(Level level, String word) implements Cell {
    public State {
      Objects.requireNonNull(level, "level");
      Objects.requireNonNull(word, "word");
    }
  }

  /** How bad something is. */
  enum Level {
    /** As it should be. */
    GOOD,
    /** Neither good nor bad. */
    PLAIN,
    /** Wants attention. */
    WARNING,
    /** Broken or refused. */
    BAD
  }

  /** When a certificate was issued, is renewed and ends; empty where none is known. */
  record Validity(Optional<Life> life) implements Cell {
    public Validity {
      Objects.requireNonNull(life, "life");
    }
  }

  /** Certificates on the time line that all rows of a table share. */
  record TimeLine(Optional<Life> serving, Optional<Life> client) implements Cell {
    public TimeLine {
      Objects.requireNonNull(serving, "serving");
      Objects.requireNonNull(client, "client");
    }
  }

  /**
   * How long a certificate is valid.
   *
   * @param notBefore when it begins; empty where that is not known
   * @param notAfter when it ends
   */
  record Life(Optional<Instant> notBefore, Instant notAfter) {
    public Life {
      Objects.requireNonNull(notBefore, "notBefore");
      Objects.requireNonNull(notAfter, "notAfter");
    }

    /**
     * When a kubelet renews it at the earliest: it chooses a moment between 70 and 90 % of the time
     * (client-go, certificate_manager.go, jitteryDuration).
     */
    Optional<Instant> renewsFrom() {
      return notBefore.map(start -> start.plus(percent(start, 70)));
    }

    /** When a kubelet has asked for the next one at the latest. */
    Optional<Instant> renewsUntil() {
      return notBefore.map(start -> start.plus(percent(start, 90)));
    }

    private Duration percent(Instant start, int percent) {
      return Duration.ofSeconds(Duration.between(start, notAfter).toSeconds() * percent / 100);
    }
  }
}
