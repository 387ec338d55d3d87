package dev.countersign.approver.cluster;

import dev.countersign.common.name.IpAddress;

/** Addresses as someone would choose them to slow a hash table down. */
public final class Colliding {
  private Colliding() {}

  /** So many different addresses, all of the same hash. */
  public static String[] addresses(int count) {
    String[] texts = new String[count];
    for (int i = 0; i < count; i++) {
      // What is hashed is 31 times the upper half and the lower half: the one grows, the other
      // shrinks.
      texts[i] =
          new IpAddress(0x2001_0db8_0000_0000L + i, 0x7000_0000_0000_0000L - 31L * i, false)
              .toString();
    }
    return texts;
  }
}
