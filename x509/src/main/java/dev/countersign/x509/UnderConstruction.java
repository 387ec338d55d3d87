package dev.countersign.x509;

/** Temporary. */
public final class UnderConstruction {
  private UnderConstruction() {}

  /** Always throws. */
  @SuppressWarnings({"DoNotCallSuggester", "TypeParameterUnusedInFormals"})
  public static <T> T todo() {
    throw new UnsupportedOperationException("under construction");
  }
}
