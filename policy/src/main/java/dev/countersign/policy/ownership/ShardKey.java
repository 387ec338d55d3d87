package dev.countersign.policy.ownership;

import com.google.common.hash.HashFunction;
import com.google.common.hash.Hashing;
import dev.countersign.common.name.NameOrAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Decides which shard a name or address is in: by SipHash-2-4 with a key of the cluster's own, so
 * that nobody can choose names that all fall into one shard. Immutable; prints nothing of the key.
 */
public final class ShardKey {
  /** The name of the ConfigMap that keeps it. */
  public static final String OBJECT_NAME = Shard.OBJECT_PREFIX + "key";

  /** The key in the ConfigMap's data. */
  public static final String DATA_KEY = "key";

  private static final int LENGTH = 16;

  private final byte[] bytes;
  private final HashFunction hash;

  private ShardKey(byte[] bytes) {
    this.bytes = bytes.clone();
    ByteBuffer halves = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    this.hash = Hashing.sipHash24(halves.getLong(), halves.getLong());
  }

  /** A new one. */
  public static ShardKey generate(RandomGenerator random) {
    byte[] bytes = new byte[LENGTH];
    random.nextBytes(bytes);
    return new ShardKey(bytes);
  }

  /** The key of a text that {@link #toText} gave; empty where it is something else. */
  public static Optional<ShardKey> parse(String text) {
    try {
      byte[] bytes = Base64.getDecoder().decode(text);
      return bytes.length == LENGTH ? Optional.of(new ShardKey(bytes)) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** As it is kept in the ConfigMap: base64. */
  public String toText() {
    return Base64.getEncoder().encodeToString(bytes);
  }

  /** The number of the shard that holds a name or address, from 0. */
  public int numberOf(NameOrAddress claim) {
    return Math.floorMod(
        hash.hashString(claim.key(), StandardCharsets.UTF_8).asLong(), Shard.COUNT);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ShardKey that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return "ShardKey";
  }
}
