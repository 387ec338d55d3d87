package dev.countersign.common.document;

/** The {@code apiVersion} of every document that countersign reads and writes. */
public final class ApiVersions {
  /** The one version there is. */
  public static final String V1ALPHA1 = "countersign.dev/v1alpha1";

  private ApiVersions() {}
}
