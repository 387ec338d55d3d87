package dev.countersign.image.debian;

import dev.countersign.image.plan.Architecture;
import dev.countersign.image.plan.PackageName;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Chooses the packages an image needs, for one architecture: everything asked for, every essential
 * package, and what they depend on, such that no two chosen packages exclude each other.
 *
 * <p>The search is complete within its bound: where a choice leads to a contradiction it is taken
 * back and the next alternative tried. Among the answers it prefers what apt prefers: newer
 * versions, earlier alternatives, a package already chosen over a new one, a real package over a
 * provider. The answer depends on the index alone, not on its order.
 */
public final class Resolver {
  private static final int MOST_STEPS = 200_000;
  private static final int MOST_PROBLEMS = 12;

  private final Architecture architecture;
  private final Map<PackageName, List<PackageRecord>> versions = new HashMap<>();
  private final Map<PackageName, List<PackageRecord>> providers = new HashMap<>();
  private final List<PackageRecord> essentials = new ArrayList<>();
  private final Map<PackageRecord, Parsed> parsed = new HashMap<>();

  /** What came of it. */
  public sealed interface Resolution {
    /** The packages by name. */
    record Resolved(List<PackageRecord> packages) implements Resolution {
      public Resolved {
        packages = List.copyOf(packages);
      }
    }

    /** No set of packages satisfies all: what stood in the way, each as one sentence. */
    record Unsatisfiable(List<String> problems) implements Resolution {
      public Unsatisfiable {
        problems = List.copyOf(problems);
      }
    }
  }

  private record Parsed(
      List<List<Relation>> dependencies, List<Relation> provides, List<Relation> excludes) {}

  private record Demand(List<Relation> choice, String asker) {}

  /** A point to come back to: the demand decided there, and the candidates not tried yet. */
  private record Branch(
      int chosenBefore, List<Demand> pendingBefore, Demand demand, Deque<PackageRecord> untried) {}

  public Resolver(Architecture architecture, Collection<PackageRecord> index) {
    this.architecture = architecture;
    for (PackageRecord each : index) {
      if (!each.architecture().equals(architecture.word()) && !each.architecture().equals("all")) {
        continue;
      }
      List<PackageRecord> same = versions.computeIfAbsent(each.name(), _ -> new ArrayList<>());
      if (same.stream().noneMatch(known -> known.version().equals(each.version()))) {
        same.add(each);
        if (!each.providesField().isEmpty()) {
          for (Relation provided : parse(each).provides()) {
            providers.computeIfAbsent(provided.name(), _ -> new ArrayList<>()).add(each);
          }
        }
      }
    }
    versions.values().forEach(same -> same.sort(NEWEST_FIRST));
    providers.values().forEach(some -> some.sort(MOST_STANDARD_FIRST));
    versions.values().stream()
        .filter(same -> same.getFirst().essential())
        .forEach(same -> essentials.add(same.getFirst()));
    essentials.sort(BY_NAME_THEN_NEWEST);
  }

  /**
   * Chooses packages.
   *
   * @param withEssential whether every essential package is part of it, as policy allows others to
   *     assume
   */
  public Resolution resolve(List<PackageName> wanted, boolean withEssential) {
    var pending = new ArrayList<Demand>();
    if (withEssential) {
      for (PackageRecord each : essentials) {
        pending.add(new Demand(List.of(plain(each.name())), "the essential set"));
      }
    }
    for (PackageName each : wanted) {
      pending.add(new Demand(List.of(plain(each)), "the spec"));
    }
    return search(pending);
  }

  private static Relation plain(PackageName name) {
    return new Relation(name, Optional.empty(), Optional.empty());
  }

  private Resolution search(List<Demand> first) {
    var chosen = new ArrayList<PackageRecord>();
    var state = new Chosen();
    var pending = new ArrayDeque<Demand>(first);
    var branches = new ArrayDeque<Branch>();
    Set<String> problems = new LinkedHashSet<>();
    for (int step = 0; step < MOST_STEPS; step++) {
      Demand demand = pending.pollFirst();
      if (demand == null) {
        return new Resolution.Resolved(chosen.stream().sorted(BY_NAME_THEN_NEWEST).toList());
      }
      if (demand.choice().stream().anyMatch(state::satisfies)) {
        continue;
      }
      Deque<PackageRecord> candidates = new ArrayDeque<>();
      List<String> reasons = new ArrayList<>();
      for (PackageRecord candidate : candidates(demand)) {
        Optional<String> obstacle = state.obstacle(candidate);
        if (obstacle.isPresent()) {
          reasons.add(obstacle.get());
        } else {
          candidates.add(candidate);
        }
      }
      if (candidates.isEmpty() && problems.size() < MOST_PROBLEMS) {
        problems.add(explain(demand, reasons));
      }
      Branch branch = new Branch(chosen.size(), List.copyOf(pending), demand, candidates);
      while (branch.untried().isEmpty()) {
        if (branches.isEmpty()) {
          return new Resolution.Unsatisfiable(List.copyOf(problems));
        }
        branch = branches.pop();
      }
      while (chosen.size() > branch.chosenBefore()) {
        state.remove(chosen.removeLast());
      }
      pending.clear();
      pending.addAll(branch.pendingBefore());
      PackageRecord next = branch.untried().removeFirst();
      if (!branch.untried().isEmpty()) {
        branches.push(branch);
      }
      chosen.add(next);
      state.add(next);
      // What was asked for is chosen before what it depends on, so that an alternative the spec
      // names wins over the first one of a dependency: new demands go to the end.
      for (List<Relation> dependency : parse(next).dependencies()) {
        pending.addLast(new Demand(dependency, next.toString()));
      }
    }
    problems.add("no answer within " + MOST_STEPS + " steps; want fewer or clearer packages");
    return new Resolution.Unsatisfiable(List.copyOf(problems));
  }

  private String explain(Demand demand, List<String> reasons) {
    String asked =
        demand.asker()
            + " needs "
            + String.join(" | ", demand.choice().stream().map(Relation::toString).toList());
    if (!reasons.isEmpty()) {
      return asked + ", but " + String.join(" and ", reasons);
    }
    var there = new ArrayList<String>();
    for (Relation each : demand.choice()) {
      versions.getOrDefault(each.name(), List.of()).forEach(known -> there.add(known.toString()));
      providers
          .getOrDefault(each.name(), List.of())
          .forEach(known -> there.add(known + ", which provides " + each.name()));
    }
    return asked + (there.isEmpty() ? ", which no archive has" : ", but the archive has " + there);
  }

  private List<PackageRecord> candidates(Demand demand) {
    var all = new LinkedHashSet<PackageRecord>();
    for (Relation relation : demand.choice()) {
      for (PackageRecord real : versions.getOrDefault(relation.name(), List.of())) {
        if (isMatch(real, relation)) {
          all.add(real);
        }
      }
      for (PackageRecord provider : providers.getOrDefault(relation.name(), List.of())) {
        if (isMatch(provider, relation)) {
          all.add(provider);
        }
      }
    }
    return List.copyOf(all);
  }

  /** Whether a dependency on the relation is met by the package, itself or by what it provides. */
  private boolean isMatch(PackageRecord candidate, Relation relation) {
    if (candidate.name().equals(relation.name())) {
      return qualifierAllows(candidate, relation)
          && relation.versions().map(range -> range.contains(candidate.version())).orElse(true);
    }
    return parse(candidate).provides().stream().anyMatch(provided -> meets(provided, relation));
  }

  /** A provided name without a version meets no dependency with one (Debian Policy 7.5). */
  private static boolean meets(Relation provided, Relation wanted) {
    return provided.name().equals(wanted.name())
        && (wanted.versions().isEmpty()
            || provided
                .versions()
                .map(range -> wanted.versions().get().contains(range.version()))
                .orElse(false));
  }

  private boolean qualifierAllows(PackageRecord candidate, Relation relation) {
    return relation
        .qualifier()
        .map(
            word ->
                word.equals("any")
                    ? candidate.multiArch().equals("allowed")
                    : word.equals("native") || word.equals(architecture.word()))
        .orElse(true);
  }

  private Parsed parse(PackageRecord each) {
    return parsed.computeIfAbsent(
        each,
        record -> {
          var dependencies = new ArrayList<>(Relation.parseDependencies(record.preDependsField()));
          dependencies.addAll(Relation.parseDependencies(record.dependsField()));
          var excludes = new ArrayList<>(Relation.parseList(record.conflictsField()));
          excludes.addAll(Relation.parseList(record.breaksField()));
          return new Parsed(
              List.copyOf(dependencies),
              Relation.parseList(record.providesField()),
              List.copyOf(excludes));
        });
  }

  /** The packages chosen so far, with indexes for what each new one has to be compared with. */
  private final class Chosen {
    private final Map<PackageName, PackageRecord> byName = new TreeMap<>();
    private final Map<PackageName, Set<PackageRecord>> byProvided = new HashMap<>();
    private final Map<PackageName, Set<PackageRecord>> byExcluded = new HashMap<>();

    void add(PackageRecord each) {
      byName.put(each.name(), each);
      parse(each)
          .provides()
          .forEach(
              provided ->
                  byProvided.computeIfAbsent(provided.name(), _ -> new HashSet<>()).add(each));
      parse(each)
          .excludes()
          .forEach(
              excluded ->
                  byExcluded.computeIfAbsent(excluded.name(), _ -> new HashSet<>()).add(each));
    }

    void remove(PackageRecord each) {
      byName.remove(each.name());
      byProvided.values().forEach(some -> some.remove(each));
      byExcluded.values().forEach(some -> some.remove(each));
    }

    boolean satisfies(Relation relation) {
      PackageRecord same = byName.get(relation.name());
      return (same != null && isMatch(same, relation))
          || byProvided.getOrDefault(relation.name(), Set.of()).stream()
              .anyMatch(provider -> isMatch(provider, relation));
    }

    /** Why the package cannot join those chosen; nothing where it can. */
    Optional<String> obstacle(PackageRecord candidate) {
      PackageRecord same = byName.get(candidate.name());
      if (same != null) {
        return same.equals(candidate)
            ? Optional.empty()
            : Optional.of(candidate + " cannot stand beside " + same);
      }
      for (Relation excluded : parse(candidate).excludes()) {
        PackageRecord named = byName.get(excluded.name());
        if (named != null && excludes(excluded, named)) {
          return Optional.of(candidate + " conflicts with " + named + " (" + excluded + ")");
        }
        for (PackageRecord provider : sorted(byProvided.get(excluded.name()))) {
          if (excludes(excluded, provider)) {
            return Optional.of(candidate + " conflicts with " + provider + " (" + excluded + ")");
          }
        }
      }
      var names = new ArrayList<PackageName>();
      names.add(candidate.name());
      parse(candidate).provides().forEach(provided -> names.add(provided.name()));
      for (PackageName name : names) {
        for (PackageRecord other : sorted(byExcluded.get(name))) {
          for (Relation excluded : parse(other).excludes()) {
            if (excluded.name().equals(name) && excludes(excluded, candidate)) {
              return Optional.of(other + " conflicts with " + candidate + " (" + excluded + ")");
            }
          }
        }
      }
      return Optional.empty();
    }

    private static List<PackageRecord> sorted(
        @org.jspecify.annotations.Nullable Set<PackageRecord> some) {
      return some == null ? List.of() : some.stream().sorted(BY_NAME_THEN_NEWEST).toList();
    }

    private boolean excludes(Relation excluded, PackageRecord other) {
      if (other.name().equals(excluded.name())) {
        return excluded.versions().map(range -> range.contains(other.version())).orElse(true);
      }
      return parse(other).provides().stream().anyMatch(provided -> meets(provided, excluded));
    }
  }

  private static final Comparator<PackageRecord> NEWEST_FIRST =
      Comparator.comparing(PackageRecord::version).reversed().thenComparing(PackageRecord::sha256);

  private static final Comparator<PackageRecord> BY_NAME_THEN_NEWEST =
      Comparator.comparing(PackageRecord::name).thenComparing(NEWEST_FIRST);

  private static final Comparator<PackageRecord> MOST_STANDARD_FIRST =
      Comparator.comparing(PackageRecord::priority).thenComparing(BY_NAME_THEN_NEWEST);
}
