package dev.countersign.render.spec;

/** Who initialises nodes with what only a cloud knows. */
public enum CloudProvider {
  /** Nobody: nodes are ready without. */
  NONE,
  /** A cloud controller manager the operator brings. */
  EXTERNAL
}
