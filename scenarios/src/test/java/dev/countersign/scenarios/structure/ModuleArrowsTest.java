package dev.countersign.scenarios.structure;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The module map of CONTRIBUTING.md, held against the compiled classes. */
class ModuleArrowsTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.countersign");

  /** Module -> the modules it may depend on. */
  private static final Map<String, Set<String>> ARROWS =
      Map.ofEntries(
          Map.entry("x509", Set.of()),
          Map.entry("policy", Set.of("x509")),
          Map.entry("render", Set.of("x509")),
          Map.entry("image", Set.of()),
          Map.entry("kube", Set.of("x509")),
          Map.entry("approver", Set.of("policy", "kube", "x509")),
          Map.entry("cluster", Set.of("policy", "x509")),
          Map.entry("controlplane", Set.of("render", "x509")));

  static List<String> modules() {
    return ARROWS.keySet().stream().sorted().toList();
  }

  @ParameterizedTest
  @MethodSource("modules")
  void module_seesOnlyItsArrows(String module) {
    Set<String> allowed = Objects.requireNonNull(ARROWS.get(module));
    List<String> forbidden =
        List.of(
                "x509",
                "policy",
                "render",
                "image",
                "kube",
                "approver",
                "cluster",
                "controlplane",
                "cli",
                "testkit")
            .stream()
            .filter(other -> !other.equals(module) && !allowed.contains(other))
            .map(other -> "dev.countersign." + other + "..")
            .toList();
    noClasses()
        .that()
        .resideInAPackage("dev.countersign." + module + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(forbidden.toArray(String[]::new))
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @ParameterizedTest
  @MethodSource("pureModules")
  void pureModule_touchesNoDiskNetworkClockOrProcess(String module) {
    noClasses()
        .that()
        .resideInAPackage("dev.countersign." + module + "..")
        .and(notIn("dev.countersign.x509.file"))
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.nio.file.Files")
        .orShould()
        .dependOnClassesThat()
        .resideInAnyPackage("java.net.http..", "java.lang.ProcessBuilder", "java.util.logging..")
        .orShould()
        .callMethod(java.time.Instant.class, "now")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  static List<String> pureModules() {
    return List.of("policy", "render", "x509");
  }

  /** The launcher and the approver's image have no other jars for them: groups.* in cli/pom.xml. */
  @Test
  void commandsThatStartQuickly_needOnlyTheJarsOnTheirClassPath() {
    String render = "dev.countersign.cli.render..";
    String approver = "dev.countersign.cli.approver..";
    String[] more = {
      "io.fabric8..",
      "org.bouncycastle..",
      "com.github.luben..",
      "org.tukaani..",
      "org.apache.commons..",
      "org.slf4j..",
      "com.fasterxml.jackson.datatype..",
      "org.snakeyaml.."
    };
    String[] ofTheApprover = {
      "com.fasterxml.jackson.dataformat..", "dev.cel..", "com.google..", "io.prometheus.."
    };
    neverReach(render, more);
    neverReach(render, ofTheApprover);
    neverReach(approver, more);
  }

  private static void neverReach(String from, String... packages) {
    noClasses()
        .that()
        .resideInAPackage(from)
        .should()
        .transitivelyDependOnClassesThat()
        .resideInAnyPackage(packages)
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
