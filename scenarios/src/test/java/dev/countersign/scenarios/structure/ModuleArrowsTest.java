package dev.countersign.scenarios.structure;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The module map of CONTRIBUTING.md, as it stands there, held against the compiled classes. */
class ModuleArrowsTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.countersign");

  private static final Path MAP = Path.of("..", "CONTRIBUTING.md");
  private static final Pattern ROW = Pattern.compile("\\| `([a-z0-9]+)/` \\|[^|]*\\| ([^|]*?) \\|");

  /** Module -> the modules it may depend on, from the table in CONTRIBUTING.md. */
  private static final Map<String, Set<String>> ARROWS = arrows();

  private static Map<String, Set<String>> arrows() {
    Map<String, String> cells = new TreeMap<>();
    try {
      for (String line : Files.readAllLines(MAP)) {
        Matcher row = ROW.matcher(line);
        if (row.matches()) {
          cells.put(row.group(1), row.group(2));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Map<String, Set<String>> arrows = new TreeMap<>();
    cells.forEach(
        (module, cell) ->
            arrows.put(
                module,
                switch (cell) {
                  case "–" -> Set.of();
                  case "all" -> cells.keySet();
                  default -> Set.of(cell.split(", ", -1));
                }));
    return arrows;
  }

  @Test
  void map_hasEveryModuleOfTheBuild_andNoOther() throws IOException {
    assertThat(ARROWS.keySet())
        .containsExactlyInAnyOrderElementsOf(
            Pattern.compile("<module>(.*)</module>")
                .matcher(Files.readString(Path.of("..", "pom.xml")))
                .results()
                .map(module -> module.group(1))
                .toList());
    ARROWS.forEach(
        (module, allowed) ->
            assertThat(ARROWS.keySet()).as("arrows of %s", module).containsAll(allowed));
  }

  static Set<String> modules() {
    return ARROWS.keySet();
  }

  @ParameterizedTest
  @MethodSource("modules")
  void module_seesOnlyItsArrows(String module) {
    Set<String> allowed = Objects.requireNonNull(ARROWS.get(module));
    String[] forbidden =
        ARROWS.keySet().stream()
            .filter(other -> !other.equals(module) && !allowed.contains(other))
            .map(other -> "dev.countersign." + other + "..")
            .toArray(String[]::new);
    noClasses()
        .that()
        .resideInAPackage("dev.countersign." + module + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(forbidden)
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @ParameterizedTest
  @MethodSource("pureModules")
  void pureModule_touchesNoDisk(String module) {
    noClasses()
        .that()
        .resideInAPackage("dev.countersign." + module + "..")
        .and(notIn("dev.countersign.common.file"))
        .should()
        .dependOnClassesThat()
        .haveNameMatching("java\\.nio\\.file\\.(Files|FileSystems?)")
        .orShould()
        .dependOnClassesThat()
        .resideInAnyPackage("java.nio.channels..")
        .orShould()
        .dependOnClassesThat()
        .haveNameMatching("java\\.io\\.(File.*|RandomAccessFile|PrintStream|Console)")
        .check(CLASSES);
  }

  @ParameterizedTest
  @MethodSource("pureModules")
  void pureModule_touchesNoNetworkOrProcess(String module) {
    noClasses()
        .that()
        .resideInAPackage("dev.countersign." + module + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "java.net.http..", "javax.net..", "java.sql..", "java.util.logging..", "org.slf4j..")
        .orShould()
        .dependOnClassesThat()
        .haveNameMatching(
            "java\\.net\\.(.*Socket.*|URL|.*URL(Connection|ClassLoader)|NetworkInterface)")
        .orShould()
        .callMethodWhere(
            target(owner(equivalentTo(InetAddress.class)))
                .and(
                    target(nameMatching("get(All)?ByName|getLocalHost|get.*HostName|isReachable"))))
        .orShould()
        .dependOnClassesThat()
        .haveNameMatching("java\\.lang\\.Process.*")
        .orShould()
        .callMethodWhere(
            target(owner(equivalentTo(Runtime.class)))
                .and(target(nameMatching("exec|exit|halt|load.*|.*ShutdownHook"))))
        .check(CLASSES);
  }

  @ParameterizedTest
  @MethodSource("pureModules")
  void pureModule_readsNoClockAndNoEnvironment(String module) {
    noClasses()
        .that()
        .resideInAPackage("dev.countersign." + module + "..")
        .should()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(InstantSource.class, "system")
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(Clock.class)
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "getenv", String.class)
        .check(CLASSES);
  }

  static List<String> pureModules() {
    return List.of("common", "policy", "render", "x509");
  }

  /** What an agent does not need is not in its image, and no part of what has to be trusted. */
  @Test
  void approver_hasNoClientForOperators_andBuildsNoImages() {
    noClasses()
        .that()
        .resideInAPackage("dev.countersign.approver..")
        .should()
        .transitivelyDependOnClassesThat()
        .resideInAnyPackage(
            "io.fabric8..",
            "org.bouncycastle..",
            "com.github.luben..",
            "org.tukaani..",
            "org.apache.commons.compress..")
        .check(CLASSES);
  }

  @Test
  void everyPackage_saysWhatItIsFor() {
    assertThat(CLASSES).as("classes found on the class path").hasSizeGreaterThan(50);
    classes()
        .that()
        .resideInAPackage("dev.countersign..")
        .and()
        .doNotHaveSimpleName("package-info")
        .should(HavePackageInfo.INSTANCE)
        .check(CLASSES);
  }

  private static DescribedPredicate<JavaClass> notIn(String packageName) {
    return DescribedPredicate.describe(
        "not in " + packageName, type -> !type.getPackageName().startsWith(packageName));
  }
}
