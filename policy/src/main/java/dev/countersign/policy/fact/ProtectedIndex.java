package dev.countersign.policy.fact;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.IpRange;
import dev.countersign.common.name.NodeName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A protected space that follows the cluster's objects as they come, change and go: each change
 * costs what that object protects, however large the cluster, and counts from that moment on. Not
 * safe for use by several threads while it changes.
 */
public final class ProtectedIndex implements ProtectedSpace {
  private final PodRangeWitness witness;
  private final Optional<ServiceRangesUnknown> serviceRangesUnknown;
  private final Map<Place, List<Source>> sources = new HashMap<>();
  private final int[] rangesByPrefix4 = new int[33];
  private final int[] rangesByPrefix6 = new int[129];
  private int domains;

  /** An empty one in which what Nodes say of their Pod ranges is contradicted by nothing. */
  public ProtectedIndex() {
    this(PodRangeWitness.NONE);
  }

  /** An empty one; {@code witness} is asked at each look-up and must not call back. */
  public ProtectedIndex(PodRangeWitness witness) {
    this(witness, Optional.empty());
  }

  ProtectedIndex(PodRangeWitness witness, Optional<ServiceRangesUnknown> serviceRangesUnknown) {
    this.witness = witness;
    this.serviceRangesUnknown = serviceRangesUnknown;
  }

  /**
   * Takes in that an object changed.
   *
   * @param before what it protected, as it was taken in; empty when it is new
   * @param after what it protects now; empty when it is gone
   */
  public void replace(Set<Protection> before, Set<Protection> after) {
    for (Protection protection : after) {
      if (!before.contains(protection)) {
        add(protection.place(), protection.source());
      }
    }
    for (Protection protection : before) {
      if (!after.contains(protection)) {
        remove(protection.place(), protection.source());
      }
    }
  }

  private void add(Place place, Source source) {
    sources.compute(
        place,
        (same, known) -> {
          if (known == null) {
            count(place, 1);
            return List.of(source);
          }
          List<Source> all = new ArrayList<>(known);
          all.add(source);
          all.sort(Comparator.comparing(Source::kind));
          return List.copyOf(all);
        });
  }

  private void remove(Place place, Source source) {
    sources.computeIfPresent(
        place,
        (same, known) -> {
          List<Source> left = new ArrayList<>(known);
          left.remove(source);
          if (left.isEmpty()) {
            count(place, -1);
            return null;
          }
          return List.copyOf(left);
        });
  }

  private void count(Place place, int more) {
    switch (place) {
      case Place.Domain _ -> domains += more;
      case Place.Range(IpRange range) -> prefixes(range.first().version4())[range.prefix()] += more;
      case Place.Name _, Place.Address _ -> {}
    }
  }

  private int[] prefixes(boolean version4) {
    return version4 ? rangesByPrefix4 : rangesByPrefix6;
  }

  private Optional<Source> strongest(Place place) {
    return Optional.ofNullable(sources.get(place)).map(List::getFirst);
  }

  @Override
  public Optional<Source> protecting(DnsName name) {
    Optional<Source> exact = strongest(new Place.Name(name));
    if (exact.isPresent() || domains == 0) {
      return exact;
    }
    String text = name.text();
    for (int from = 0; from >= 0; from = text.indexOf('.', from) + 1) {
      Optional<Source> source =
          strongest(new Place.Domain(from == 0 ? name : DnsName.of(text.substring(from))));
      if (source.isPresent()) {
        return source;
      }
      if (text.indexOf('.', from) < 0) {
        break;
      }
    }
    return Optional.empty();
  }

  @Override
  public Optional<Source> protecting(IpAddress address, Predicate<IpRange> believed) {
    Optional<Source> found = strongest(new Place.Address(address));
    int[] ranges = prefixes(address.version4());
    for (int prefix = 0; prefix < ranges.length; prefix++) {
      if (ranges[prefix] > 0) {
        Optional<Source> source = strongest(IpRange.around(address, prefix), believed);
        if (source.isPresent()
            && (found.isEmpty() || source.get().kind().compareTo(found.get().kind()) < 0)) {
          found = source;
        }
      }
    }
    return found;
  }

  @Override
  public Optional<ServiceRangesUnknown> serviceRangesUnknown() {
    return serviceRangesUnknown;
  }

  private Optional<Source> strongest(IpRange range, Predicate<IpRange> believed) {
    for (Source source : sources.getOrDefault(new Place.Range(range), List.of())) {
      Optional<NodeName> node = source.saidBy();
      if (node.isEmpty() || (believed.test(range) && !witness.refutes(range, node.get()))) {
        return Optional.of(source);
      }
    }
    return Optional.empty();
  }

  /** How many names, domains, addresses and ranges are protected, by the strongest reason. */
  public Map<Kind, Integer> sizes() {
    Map<Kind, Integer> sizes = new EnumMap<>(Kind.class);
    for (List<Source> known : sources.values()) {
      sizes.merge(known.getFirst().kind(), 1, Integer::sum);
    }
    return sizes;
  }
}
