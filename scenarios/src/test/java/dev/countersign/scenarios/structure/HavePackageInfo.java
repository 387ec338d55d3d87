package dev.countersign.scenarios.structure;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;

/** A class stands in a package that is {@code @NullMarked} by a package-info of its own. */
final class HavePackageInfo extends ArchCondition<JavaClass> {
  static final HavePackageInfo INSTANCE = new HavePackageInfo();

  private HavePackageInfo() {
    super("stand in a package with a package-info");
  }

  @Override
  public void check(JavaClass type, ConditionEvents events) {
    boolean present = type.getPackage().tryGetPackageInfo().isPresent();
    events.add(
        new SimpleConditionEvent(
            type, present, type.getName() + (present ? " has" : " has no") + " package-info"));
  }
}
