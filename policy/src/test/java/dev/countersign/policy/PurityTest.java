package dev.countersign.policy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The module decides and does nothing else: no I/O, no clock, no logger, no client, no threads. */
class PurityTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.countersign.policy");

  @Test
  void policy_hasNoInputOrOutput() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "java.net..",
            "java.nio.file..",
            "java.nio.channels..",
            "java.util.logging..",
            "java.util.concurrent..",
            "java.sql..",
            "org.slf4j..",
            "javax.net..",
            "java.lang.foreign..",
            "io.fabric8..",
            "org.xbill..")
        .orShould()
        .dependOnClassesThat()
        .haveNameMatching("java\\.io\\.(File.*|RandomAccessFile|PrintStream|Console)")
        .orShould()
        .dependOnClassesThat()
        .haveNameMatching("java\\.lang\\.(Thread.*|Process.*|Runtime)")
        .check(CLASSES);
  }

  @Test
  void policy_hasNoClockAndNoChance() {
    noClasses()
        .should()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "getenv", String.class)
        .orShould()
        .callMethod(System.class, "getProperty", String.class)
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(Clock.class)
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(InstantSource.class)
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(Random.class)
        .check(CLASSES);
  }

  @Test
  void onlyTheRuleCompiler_touchesCel() {
    noClasses()
        .that()
        .haveNameNotMatching("dev\\.countersign\\.policy\\.rule\\.Rules(\\$.*)?")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.cel..", "com.google.protobuf..", "com.google.api..", "com.google.rpc..")
        .check(CLASSES);
  }

  @Test
  void onlyTheRuleCompiler_andTheKeyedHash_touchGuava() {
    noClasses()
        .that()
        .haveNameNotMatching(
            "dev\\.countersign\\.policy\\.(rule\\.Rules|ownership\\.ShardKey)(\\$.*)?")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("com.google..")
        .check(CLASSES);
  }
}
