package dev.countersign.render.network;

/** The two kinds of IP address. */
public enum Family {
  /** 32 bits. */
  IPV4(32, "IPv4"),
  /** 128 bits. */
  IPV6(128, "IPv6");

  private final int bits;
  private final String label;

  Family(int bits, String label) {
    this.bits = bits;
    this.label = label;
  }

  /** The length of an address in bits. */
  public int bits() {
    return bits;
  }

  @Override
  public String toString() {
    return label;
  }
}
