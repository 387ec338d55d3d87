package dev.countersign.policy.ownership;

import dev.countersign.common.name.Claimable;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.random.RandomGenerator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Decides which shard a name or address is in: by a hash with a key of the cluster's own, so that
 * nobody can choose names that all fall into one shard. Immutable; prints nothing of the key.
 */
public final class ShardKey {
  /** The name of the ConfigMap that keeps it. */
  public static final String OBJECT_NAME = Shard.OBJECT_PREFIX + "key";

  /** The key in the ConfigMap's data. */
  public static final String DATA_KEY = "key";

  private static final String ALGORITHM = "HmacSHA256";
  private static final int LENGTH = 16;

  private final SecretKeySpec key;

  private ShardKey(byte[] bytes) {
    this.key = new SecretKeySpec(bytes, ALGORITHM);
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
    return Base64.getEncoder().encodeToString(key.getEncoded());
  }

  /** The number of the shard that holds a name or address, from 0. */
  public int numberOf(Claimable claim) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      byte[] hash = mac.doFinal(claim.key().getBytes(StandardCharsets.UTF_8));
      return Byte.toUnsignedInt(hash[0]) % Shard.COUNT;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("HMAC with SHA-256, which every JDK has, is missing", e);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ShardKey that && Arrays.equals(key.getEncoded(), that.key.getEncoded());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(key.getEncoded());
  }

  @Override
  public String toString() {
    return "ShardKey";
  }
}
