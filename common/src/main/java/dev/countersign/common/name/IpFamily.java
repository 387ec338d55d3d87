package dev.countersign.common.name;

/** The two kinds of IP address, as {@code IPFamily} of Kubernetes' API names them. */
public enum IpFamily {
  /** 32 bits. */
  IPV4(32, "IPv4"),
  /** 128 bits. */
  IPV6(128, "IPv6");

  private final int bits;
  private final String text;

  IpFamily(int bits, String text) {
    this.bits = bits;
    this.text = text;
  }

  /** The length of an address in bits. */
  public int bits() {
    return bits;
  }

  /** {@code IPv4} or {@code IPv6}. */
  @Override
  public String toString() {
    return text;
  }
}
