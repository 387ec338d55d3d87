package dev.countersign.common.name;

import java.util.ArrayList;
import java.util.List;

/**
 * Domains in which short names are looked up, as {@code search} of resolv.conf(5) with the default
 * {@code ndots:1}: a name without a dot is tried in each domain first, and as it is last; any other
 * name is tried as it is first.
 *
 * @param domains in order
 */
public record SearchList(List<DnsName> domains) {
  /** Names are looked up as they are. */
  public static final SearchList NONE = new SearchList(List.of());

  public SearchList {
    domains = List.copyOf(domains);
  }

  /** The names to try, in order; the first that exists is the one that counts. */
  public List<DnsName> candidates(DnsName name) {
    List<DnsName> candidates = new ArrayList<>(domains.size() + 1);
    for (DnsName domain : domains) {
      candidates.add(DnsName.of(name.text() + "." + domain.text()));
    }
    candidates.add(name.text().indexOf('.') < 0 ? candidates.size() : 0, name);
    return candidates;
  }
}
