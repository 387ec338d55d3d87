package dev.countersign.render.spec;

/** How pods on different nodes reach each other. */
public enum Networking {
  /** flannel with a VXLAN overlay, rendered. */
  FLANNEL,
  /** Nothing is rendered: the operator brings a network provider. */
  NONE
}
