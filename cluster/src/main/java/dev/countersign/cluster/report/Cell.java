package dev.countersign.cluster.report;

import dev.countersign.cluster.node.CertificateValidity;
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
  record Validity(Optional<CertificateValidity> certificate) implements Cell {
    public Validity {
      Objects.requireNonNull(certificate, "certificate");
    }
  }

  /** Certificates on the time line that all rows of a table share. */
  record TimeLine(Optional<CertificateValidity> serving, Optional<CertificateValidity> client)
      implements Cell {
    public TimeLine {
      Objects.requireNonNull(serving, "serving");
      Objects.requireNonNull(client, "client");
    }
  }
}
