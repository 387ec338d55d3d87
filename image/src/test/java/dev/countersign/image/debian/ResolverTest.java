package dev.countersign.image.debian;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.image.plan.Architecture;
import dev.countersign.image.plan.PackageName;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class ResolverTest {
  private final List<PackageRecord> index = new ArrayList<>();

  private ResolverTest has(String name, String version, String... fields) {
    String text =
        "Package: "
            + name
            + "\nVersion: "
            + version
            + "\nArchitecture: amd64\nFilename: pool/"
            + name
            + ".deb\nSize: 1\nSHA256: "
            + "0".repeat(64)
            + "\n"
            + String.join("\n", fields)
            + "\n";
    PackageRecord.of(Stanza.single(text), "debian").ifPresent(index::add);
    return this;
  }

  private Resolver.Resolution resolve(String... wanted) {
    return new Resolver(Architecture.AMD64, index)
        .resolve(Stream.of(wanted).map(PackageName::new).toList(), true);
  }

  private List<String> chosen(String... wanted) {
    return switch (resolve(wanted)) {
      case Resolver.Resolution.Resolved(List<PackageRecord> packages) ->
          packages.stream().map(PackageRecord::toString).toList();
      case Resolver.Resolution.Unsatisfiable(List<String> problems) ->
          throw new AssertionError(problems);
    };
  }

  private List<String> problems(String... wanted) {
    return switch (resolve(wanted)) {
      case Resolver.Resolution.Resolved(List<PackageRecord> packages) ->
          throw new AssertionError(packages);
      case Resolver.Resolution.Unsatisfiable(List<String> problems) -> problems;
    };
  }

  @Test
  void dependencies_areFollowed_andPreDependenciesToo() {
    has("aa", "1", "Depends: bb (>= 2)", "Pre-Depends: cc")
        .has("bb", "1")
        .has("bb", "2")
        .has("cc", "1");
    assertThat(chosen("aa")).containsExactly("aa 1", "bb 2", "cc 1");
  }

  @Test
  void essentialPackages_areChosen_unasked() {
    has("base", "1", "Essential: yes").has("aa", "1");
    assertThat(chosen("aa")).containsExactly("aa 1", "base 1");
  }

  @Test
  void alternative_thatIsChosenAnyway_isPreferred() {
    has("aa", "1", "Depends: xx | yy").has("xx", "1").has("yy", "1");
    assertThat(chosen("aa")).containsExactly("aa 1", "xx 1");
    assertThat(chosen("aa", "yy")).containsExactly("aa 1", "yy 1");
  }

  @Test
  void virtualPackage_isProvided_byTheMostStandard() {
    has("aa", "1", "Depends: awk")
        .has("gawk", "1", "Provides: awk", "Priority: optional")
        .has("mawk", "1", "Provides: awk", "Priority: required");
    assertThat(chosen("aa")).containsExactly("aa 1", "mawk 1");
  }

  @Test
  void versionedDependency_isMet_onlyByAVersionedProvider() {
    has("aa", "1", "Depends: api (>= 2)")
        .has("bare", "9", "Provides: api")
        .has("old", "9", "Provides: api (= 1)")
        .has("right", "1", "Provides: api (= 2)");
    assertThat(chosen("aa")).containsExactly("aa 1", "right 1");
  }

  @Test
  void conflict_makesItTakeTheOtherAlternative() {
    has("aa", "1", "Depends: xx | yy", "Conflicts: zz")
        .has("xx", "1", "Depends: zz")
        .has("yy", "1");
    has("zz", "1");
    assertThat(chosen("aa")).containsExactly("aa 1", "yy 1");
  }

  @Test
  void breaks_ofANewerVersion_makesItTakeTheOlder() {
    has("aa", "1", "Depends: lib").has("lib", "2", "Breaks: aa (<< 2)").has("lib", "1");
    assertThat(chosen("aa")).containsExactly("aa 1", "lib 1");
  }

  @Test
  void conflict_withWhatAPackageItselfProvides_isNone() {
    has("aa", "1", "Provides: mta", "Conflicts: mta").has("bb", "1", "Provides: mta");
    assertThat(chosen("aa")).containsExactly("aa 1");
    assertThat(problems("aa", "bb"))
        .singleElement()
        .asString()
        .contains("aa 1 conflicts with bb 1");
  }

  @Test
  void dependency_nobodyMeets_isExplained() {
    has("aa", "1", "Depends: bb (>= 2) | cc").has("bb", "1");
    assertThat(problems("aa"))
        .containsExactly("aa 1 needs bb (>= 2) | cc, but the archive has [bb 1]");
    assertThat(problems("nowhere")).containsExactly("the spec needs nowhere, which no archive has");
  }

  @Test
  void qualifierAny_needsMultiArchAllowed() {
    has("aa", "1", "Depends: python3:any")
        .has("python3", "1")
        .has("python3", "2", "Multi-Arch: allowed");
    assertThat(chosen("aa")).containsExactly("aa 1", "python3 2");
  }

  @Test
  void answer_doesNotDependOnTheOrderOfTheIndex() {
    has("aa", "1", "Depends: vv").has("pp", "1", "Provides: vv").has("qq", "1", "Provides: vv");
    List<String> forward = chosen("aa");
    java.util.Collections.reverse(index);
    assertThat(chosen("aa")).isEqualTo(forward);
  }
}
