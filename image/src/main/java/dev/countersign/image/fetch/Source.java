package dev.countersign.image.fetch;

import dev.countersign.image.plan.Digest;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * Content to be had: what it must hash to, how large it is where that is known, and where it may be
 * fetched from, tried in order.
 */
public record Source(String name, Digest checksum, OptionalLong size, List<URI> locations) {
  public Source {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(checksum, "checksum");
    Objects.requireNonNull(size, "size");
    locations = List.copyOf(locations);
  }
}
